"""Keys and signatures: what a compact token says, whether an issuer's key signed it, and signing our own.

The only package that touches PyJWT and `cryptography`. It knows JSON Object Signing (RFC 7515, 7517, 7518,
7638, 8037) and nothing of claims: times, audiences and issuers are stage 1's business.
"""

from policy_engine.jose.algorithms import ALGORITHMS, Algorithm
from policy_engine.jose.compact import MAX_TOKEN_BYTES, UnverifiedJws, peek
from policy_engine.jose.jwk import SECRET_MEMBERS, thumbprint
from policy_engine.jose.keyset import MAX_KEYS, KeySet, VerificationKey, refuse_secrets
from policy_engine.jose.sealing import Sealer, new_sealing_key
from policy_engine.jose.signing import SigningKey, sign
from policy_engine.jose.verification import KeyHint, VerifiedJws, key_hint, verify

__all__ = [
    "ALGORITHMS",
    "MAX_KEYS",
    "MAX_TOKEN_BYTES",
    "SECRET_MEMBERS",
    "Algorithm",
    "KeyHint",
    "KeySet",
    "Sealer",
    "SigningKey",
    "UnverifiedJws",
    "VerificationKey",
    "VerifiedJws",
    "key_hint",
    "new_sealing_key",
    "peek",
    "refuse_secrets",
    "sign",
    "thumbprint",
    "verify",
]
