"""The signature algorithms: asymmetric only, each bound to one type of key (RFC 7518 section 3, RFC 8037).

`none` and the HMAC family have no row, so neither a token nor an operator can ask for them
(RFC 8725 sections 3.1 and 3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm as Implementation
from jwt.algorithms import get_default_algorithms

__all__ = ["ALGORITHMS", "CURVES", "MAX_RSA_BITS", "MIN_RSA_BITS", "Algorithm", "PrivateKey", "PublicKey"]

MIN_RSA_BITS: Final = 2048
"""RFC 7518 section 3.3; smaller keys can be factored."""

MAX_RSA_BITS: Final = 8192
"""A larger modulus serves only to make each check slow."""

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

CURVES: Mapping[str, type[ec.EllipticCurve]] = MappingProxyType(
    {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
)
"""Elliptic curves by their JWK name (RFC 7518 section 6.2.1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One `alg` value and the only keys it goes with.

    Attributes:
        name: the `alg` value.
        kty: the JWK key type.
        crv: the JWK curve; None for RSA.
        implementation: what signs and verifies.
    """

    name: str
    kty: str
    crv: str | None = None
    implementation: Implementation = field(repr=False, compare=False)


def _row(name: str, kty: str, crv: str | None = None) -> tuple[str, Algorithm]:
    return name, Algorithm(name=name, kty=kty, crv=crv, implementation=_IMPLEMENTATIONS[name])


_IMPLEMENTATIONS = get_default_algorithms()

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType(
    dict(
        [
            _row("RS256", "RSA"),
            _row("RS384", "RSA"),
            _row("RS512", "RSA"),
            _row("PS256", "RSA"),
            _row("PS384", "RSA"),
            _row("PS512", "RSA"),
            _row("ES256", "EC", "P-256"),
            _row("ES384", "EC", "P-384"),
            _row("ES512", "EC", "P-521"),
            _row("EdDSA", "OKP", "Ed25519"),
        ]
    )
)
"""Every algorithm that a token may be signed with, by `alg`; the first row that fits a key is its default."""
