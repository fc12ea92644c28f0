"""Sign, with a key that doesn't show its secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from policy_engine.errors import JoseError
from policy_engine.jose import base64url
from policy_engine.jose.algorithms import ALGORITHMS, CURVES, Algorithm, PrivateKey
from policy_engine.jose.compact import MAX_TOKEN_BYTES
from policy_engine.jose.jwk import algorithms_of, private_key, public_members, thumbprint
from policy_engine.jose.verification import REFUSED_MEMBERS
from policy_engine.model.strict_json import written

__all__ = ["SigningKey", "sign"]

_RSA_BITS: Final = 2048
_RSA_EXPONENT: Final = 65537

_OURS: Final = frozenset({"alg", "kid", "typ"}) | REFUSED_MEMBERS.keys()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SigningKey:
    """A private key, with the one algorithm that it signs with; compared by identity.

    Attributes:
        algorithm: an `alg` value of `ALGORITHMS`.
        kid: its name; by default the thumbprint of RFC 7638.
    """

    algorithm: str
    kid: str
    _private: PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, algorithm: str, kid: str | None = None) -> "SigningKey":
        """Make a new key.

        Raises:
            JoseError: `unsupported_algorithm`.
        """
        return cls._of(_row(algorithm), _GENERATORS[_row(algorithm).kty](_row(algorithm)), kid)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "SigningKey":
        """Take a private JWK; without `alg` it signs with the first algorithm that fits it.

        Raises:
            JoseError: `unusable_key`.
        """
        row = algorithms_of(jwk)[0]
        kid = jwk.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise JoseError("unusable_key", "`kid` isn't text", detail="key_form")
        return cls._of(row, private_key(jwk), kid)

    @classmethod
    def _of(cls, row: Algorithm, key: PrivateKey, kid: str | None) -> "SigningKey":
        name = thumbprint(row.implementation.to_jwk(key, as_dict=True)) if kid is None else kid
        return cls(algorithm=row.name, kid=name, _private=key)

    def to_jwk(self) -> dict[str, Any]:
        """The private JWK: a secret, to be stored as one."""
        jwk = _row(self.algorithm).implementation.to_jwk(self._private, as_dict=True)
        secret = {name: value for name, value in jwk.items() if name not in ("key_ops", *public_members(jwk))}
        return self.public_jwk() | secret

    def public_jwk(self) -> dict[str, Any]:
        """The public JWK: what a JWK Set publishes."""
        jwk = _row(self.algorithm).implementation.to_jwk(self._private, as_dict=True)
        return {**public_members(jwk), "alg": self.algorithm, "kid": self.kid, "use": "sig"}

    def signature(self, signing_input: bytes) -> bytes:
        """The signature of some bytes, in the form that JWS has for it."""
        return _row(self.algorithm).implementation.sign(signing_input, self._private)


def sign(
    payload: bytes | Mapping[str, Any],
    key: SigningKey,
    *,
    typ: str | None,
    header: Mapping[str, Any] | None = None,
) -> str:
    """Write a compact JWS; `verify` accepts whatever this makes.

    Args:
        payload: bytes as they are, or claims to be written as JSON.
        key: what signs; it gives `alg` and `kid`.
        typ: the header's `typ`, `at+jwt` for an access token (RFC 9068 section 2.1); None leaves it out.
        header: further members; not `alg`, `kid`, `typ`, nor what `verify` refuses.

    Raises:
        JoseError: `malformed_token` (`too_long`, `header_form`): no verifier would take the token.
        JsonError: the claims or the header aren't plain JSON.
    """
    extra = {} if header is None else dict(header)
    if not _OURS.isdisjoint(extra):
        raise JoseError("malformed_token", "a header member isn't free to choose", detail="header_form")
    named = _named(key.algorithm, typ, key.kid) if not extra else _header(key.algorithm, typ, key.kid, extra)
    body = payload if isinstance(payload, bytes) else written(dict(payload))
    signing_input = named + b"." + base64url.encode(body)
    compact = signing_input + b"." + base64url.encode(key.signature(signing_input))
    if len(compact) > MAX_TOKEN_BYTES:
        raise JoseError("malformed_token", f"a token has at most {MAX_TOKEN_BYTES} bytes", detail="too_long")
    return compact.decode("ascii")


def _header(algorithm: str, typ: str | None, kid: str, extra: Mapping[str, Any]) -> bytes:
    named = {"alg": algorithm, "typ": typ, "kid": kid}
    if typ is None:
        del named["typ"]
    return base64url.encode(written({**named, **extra}))


@lru_cache(maxsize=64)
def _named(algorithm: str, typ: str | None, kid: str) -> bytes:
    """The header of most tokens, which is the same for each that a key signs."""
    return _header(algorithm, typ, kid, {})


def _row(algorithm: str) -> Algorithm:
    row = ALGORITHMS.get(algorithm)
    if row is None:
        raise JoseError("unsupported_algorithm", "the algorithm has no row in the table")
    return row


def _rsa_key(_row: Algorithm) -> PrivateKey:
    return rsa.generate_private_key(public_exponent=_RSA_EXPONENT, key_size=_RSA_BITS)


def _ec_key(row: Algorithm) -> PrivateKey:
    return ec.generate_private_key(CURVES[str(row.crv)]())


def _okp_key(_row: Algorithm) -> PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


_GENERATORS: Final = MappingProxyType({"RSA": _rsa_key, "EC": _ec_key, "OKP": _okp_key})
