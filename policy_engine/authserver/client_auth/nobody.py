"""Keys of nobody, which take as long to refuse a signature as those of a client would."""

import base64
import secrets
from functools import lru_cache
from typing import Final

from policy_engine.jose import Algorithm, SigningKey, VerificationKey

__all__ = ["key_of_nobody", "nobodys_size", "size_of"]

_RSA_BYTES: Final = range(256, 1025)
"""Of the moduli that a client may register: 2048 to 8192 bits."""


def nobodys_size(algorithm: Algorithm, signature: bytes) -> int | None:
    """Bytes of the modulus that a signature is of; None where all keys of an algorithm have one size.

    A signature of another length than the modulus is refused without any work (RFC 8017 section 8.2.2), so
    that its time would tell how long a client's key is, and whether there is such a client.
    """
    if algorithm.kty != "RSA":
        return None
    return min(max(len(signature), _RSA_BYTES[0]), _RSA_BYTES[-1])


def size_of(key: VerificationKey) -> int:
    """Bytes of a key's modulus."""
    return -(-int(getattr(key.key, "key_size", 0)) // 8)


@lru_cache(maxsize=64)
def key_of_nobody(algorithm: str, size: int | None = None) -> VerificationKey:
    """A key whose private half nobody has.

    Args:
        algorithm: what it is for.
        size: bytes of its modulus, for RSA.
    """
    if size is None:
        return VerificationKey.from_jwk(SigningKey.generate(algorithm).public_jwk())
    # Any odd number takes as long as a product of two primes. Its first bits are ones, so that no signature
    # is refused for being the larger number.
    modulus = b"\xff" * 8 + secrets.token_bytes(size - 9) + b"\xff"
    text = base64.urlsafe_b64encode(modulus).rstrip(b"=").decode("ascii")
    return VerificationKey.from_jwk({"kty": "RSA", "alg": algorithm, "n": text, "e": "AQAB"})
