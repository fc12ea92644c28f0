"""One JWK made a key, or refused (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).

The `cryptography` package builds the keys. Its messages, and PyJWT's, may quote the key, so they are dropped.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from jwt import PyJWTError

from policy_engine.errors import JoseError
from policy_engine.jose import base64url, edwards
from policy_engine.jose.algorithms import (
    ALGORITHMS,
    MAX_RSA_BITS,
    MIN_RSA_BITS,
    Algorithm,
    PrivateKey,
    PublicKey,
)
from policy_engine.model.strict_json import dumps

__all__ = ["SECRET_MEMBERS", "algorithms_of", "private_key", "public_key", "public_members", "thumbprint"]

_PUBLIC_MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}
)
"""What makes up a public key, by `kty`, in the order of RFC 7638 section 3.2."""

_PRIVATE_MEMBERS: Final = ("d", "p", "q", "dp", "dq", "qi", "oth")

SECRET_MEMBERS: Final = frozenset({*_PRIVATE_MEMBERS, "k", "priv"})
"""What no published key has: RFC 7518 section 6, and `priv` of the key type AKP."""

_NAMES: Final = frozenset({"kty", "crv"})

_MAX_MEMBER_CHARS: Final = 4096


def algorithms_of(jwk: Mapping[str, Any]) -> tuple[Algorithm, ...]:
    """The algorithms that a JWK may be used with, by its `kty`, `crv` and `alg`.

    Raises:
        JoseError: `unusable_key`, if there is none.
    """
    _require_object(jwk)
    kty, crv, alg = jwk.get("kty"), jwk.get("crv"), jwk.get("alg")
    if kty == "oct":
        raise _unusable(
            "symmetric_key", "a symmetric key proves nothing: whoever verifies with it can also sign"
        )
    of_type = [row for row in ALGORITHMS.values() if row.kty == kty and (row.crv is None or row.crv == crv)]
    if not of_type:
        raise _unusable("key_type", "`kty` or `crv` isn't supported")
    rows = tuple(row for row in of_type if alg is None or row.name == alg)
    if not rows:
        raise _unusable("key_algorithm", "`alg` doesn't go with `kty` and `crv`")
    return rows


def public_members(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The members of RFC 7638 section 3.2, in order, and no others.

    Raises:
        JoseError: `unusable_key`, if one is missing or isn't text.
    """
    _require_object(jwk)
    kty = jwk.get("kty")
    names = _PUBLIC_MEMBERS.get(kty) if isinstance(kty, str) else None
    if names is None:
        raise _unusable("key_type", "`kty` isn't supported")
    return {name: _text(jwk, name) for name in names}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The SHA-256 thumbprint of a key, private or public, in base64url (RFC 7638 section 3).

    Raises:
        JoseError: `unusable_key`, if it isn't an RSA, EC or OKP key.
    """
    return base64url.encode(hashlib.sha256(dumps(public_members(jwk))).digest()).decode("ascii")


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Build the public key of a JWK; its private members, if any, are not looked at.

    Raises:
        JoseError: `unusable_key`.
    """
    return cast("PublicKey", _build(jwk, public_members(jwk), "verify"))


def private_key(jwk: Mapping[str, Any]) -> PrivateKey:
    """Build the private key of a JWK.

    Raises:
        JoseError: `unusable_key`.
    """
    secret = {name: _text(jwk, name) for name in _PRIVATE_MEMBERS if name in jwk}
    if "d" not in secret:
        raise _unusable("key_form", "the key isn't a private one")
    return cast("PrivateKey", _build(jwk, public_members(jwk) | secret, "sign"))


def _build(jwk: Mapping[str, Any], members: dict[str, str], operation: str) -> object:
    algorithm = algorithms_of(jwk)[0]
    _check_purpose(jwk, operation)
    if algorithm.kty == "OKP":
        _check_point(members["x"])
    try:
        key = algorithm.implementation.from_jwk(members)
    except (PyJWTError, ValueError, TypeError, OverflowError):
        raise _unusable("key_form", "the key's members aren't a key") from None
    if algorithm.kty == "RSA" and not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise _unusable("key_size", f"an RSA key has {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
    return key


def _check_purpose(jwk: Mapping[str, Any], operation: str) -> None:
    """RFC 7517 sections 4.2 and 4.3: a key for something else isn't a key for this."""
    if jwk.get("use", "sig") != "sig":
        raise _unusable("key_use", "`use` isn't `sig`")
    operations = jwk.get("key_ops", [operation])
    if not isinstance(operations, list) or operation not in operations:
        raise _unusable("key_use", f"`key_ops` doesn't hold `{operation}`")


def _check_point(encoded: str) -> None:
    """RFC 8032 section 5.1.3, and that a signature by the key means something."""
    point = base64url.decode(encoded.encode("ascii"))
    if not edwards.is_canonical(point):
        raise _unusable("key_form", "`x` isn't the encoding of a point of Ed25519")
    if edwards.has_small_order(point):
        raise _unusable("weak_key", "`x` is a point of small order: anybody can sign for it")


def _require_object(jwk: object) -> None:
    if not isinstance(jwk, Mapping):
        raise _unusable("key_form", "a JWK is a JSON object")


def _text(jwk: Mapping[str, Any], name: str) -> str:
    value = jwk.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_MEMBER_CHARS:
        raise _unusable("key_form", f"`{name}` is missing or isn't text")
    if name not in _NAMES and not _is_base64url(value):
        raise _unusable("key_form", f"`{name}` isn't base64url")
    return value


def _is_base64url(value: str) -> bool:
    try:
        return value.isascii() and bool(base64url.decode(value.encode("ascii")))
    except JoseError:
        return False


def _unusable(detail: str, note: str) -> JoseError:
    return JoseError("unusable_key", note, detail=detail)
