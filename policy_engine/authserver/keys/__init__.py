"""The keys that sign access tokens: where they are, how they change, and what of them is published."""

from policy_engine.authserver.keys.signing import SigningKeys, StaticKeys, jwks_response
from policy_engine.authserver.keys.stored import StoredKeys

__all__ = ["SigningKeys", "StaticKeys", "StoredKeys", "jwks_response"]
