"""Verify a compact JWS with the issuer's keys, and with nothing that the token brings along.

Beyond RFC 7515 section 5.2: the caller names the algorithms, each algorithm names its type of key, and a
header that extends the format or points at keys is refused, not ignored (RFC 8725 sections 3.1 to 3.10).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import JoseError
from policy_engine.jose.algorithms import ALGORITHMS, Algorithm
from policy_engine.jose.compact import UnverifiedJws, peek
from policy_engine.jose.keyset import KeySet

__all__ = ["REFUSED_MEMBERS", "KeyHint", "VerifiedJws", "key_hint", "verify"]

REFUSED_MEMBERS: Mapping[str, str] = MappingProxyType(
    {
        "crit": "critical_header",  # RFC 7515 section 4.1.11: we understand no extension
        "b64": "critical_header",  # RFC 7797: another signing input
        "jku": "embedded_key",  # keys come from the issuer, never from the token
        "jwk": "embedded_key",
        "x5c": "embedded_key",
        "x5u": "embedded_key",
    }
)
"""Header members that no token may have, and the detail they are refused with."""

_REFUSED: Final = frozenset(REFUSED_MEMBERS)


@dataclass(frozen=True, slots=True)
class VerifiedJws:
    """A token whose signature one of the given keys made.

    Attributes:
        header: the JOSE header, strictly parsed; `alg` was checked, `typ` wasn't.
        payload: the signed bytes; what was read of any others isn't proven.
    """

    header: dict[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class KeyHint:
    """Which key a token asks for."""

    algorithm: Algorithm
    kid: str | None


def key_hint(token: UnverifiedJws, algorithms: Collection[str]) -> KeyHint:
    """Check an unverified header as `verify` does, before anybody fetches keys for it.

    Raises:
        JoseError: `malformed_token`, `unsupported_algorithm`.
    """
    return KeyHint(_algorithm(token.header, algorithms), _kid(token.header))


def verify(
    token: str | bytes | UnverifiedJws, keys: Mapping[str, Any] | KeySet, algorithms: Collection[str]
) -> VerifiedJws:
    """Verify the signature of a compact JWS.

    Args:
        token: as it came, or as `peek` took it apart: then header and payload are proven as the very objects
            that they were.
        keys: a JWK, a JWK Set, or a parsed set; what is private in them isn't used.
        algorithms: the `alg` values to accept; symmetric ones are never accepted.

    Raises:
        JoseError: `malformed_token`, `unsupported_algorithm`, `invalid_signature` (`unknown_key`,
            `wrong_signature`), or `unusable_key` if `keys` is one JWK that can't be used, or isn't a set.
    """
    jws = token if isinstance(token, UnverifiedJws) else peek(token)
    hint = key_hint(jws, algorithms)
    candidates = _key_set(keys).candidates(hint.kid, hint.algorithm)
    if not candidates:
        raise JoseError("invalid_signature", "no key fits `kid` and `alg`", detail="unknown_key")
    proves = hint.algorithm.implementation.verify
    for candidate in candidates:
        if proves(jws.signing_input, candidate.key, jws.signature):
            return VerifiedJws(jws.header, jws.payload)
    raise JoseError("invalid_signature", "no key made the signature", detail="wrong_signature")


def _algorithm(header: dict[str, Any], accepted: Collection[str]) -> Algorithm:
    if not _REFUSED.isdisjoint(header):
        for name, detail in REFUSED_MEMBERS.items():
            if name in header:
                raise JoseError("malformed_token", f"header member `{name}` is refused", detail=detail)
    alg = header.get("alg")
    if not isinstance(alg, str):
        raise JoseError("malformed_token", "`alg` is missing or isn't text", detail="header_form")
    # A single name given by mistake must not accept the parts of that name.
    names = (accepted,) if isinstance(accepted, str) else accepted
    row = ALGORITHMS.get(alg)
    if row is None or alg not in names:
        raise JoseError("unsupported_algorithm", "`alg` isn't accepted here")
    return row


def _kid(header: dict[str, Any]) -> str | None:
    kid = header.get("kid")
    if "kid" in header and not isinstance(kid, str):
        raise JoseError("malformed_token", "`kid` isn't text", detail="header_form")
    return kid


def _key_set(keys: Mapping[str, Any] | KeySet) -> KeySet:
    if isinstance(keys, KeySet):
        return keys
    if not isinstance(keys, Mapping):
        raise JoseError("unusable_key", "keys are given as a JWK or a JWK Set", detail="set_form")
    return KeySet.from_jwks(keys) if "keys" in keys else KeySet.from_jwk(keys)
