"""The claims of a verified assertion (RFC 7523 section 3).

Types are strict: a date is an integer of seconds, and neither text nor a boolean; an id is text. An
assertion lasts minutes, so that one that leaks, and the memory of its id, end soon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from policy_engine.authserver.web import RefusedError

__all__ = ["LEEWAY", "MAX_LIFETIME", "MAX_REMEMBERED", "AssertionClaims", "check_claims"]

LEEWAY: Final = 30
"""Seconds that clocks may differ."""

MAX_LIFETIME: Final = 300
"""Seconds from `iat`, or from now, to `exp`; MCP's SDKs write assertions of 300."""

MAX_REMEMBERED: Final = MAX_LIFETIME + 3 * LEEWAY
"""Seconds for which an assertion counts at most: its `iat` may lie ahead by the leeway, it may be longer by
that, and is accepted so long after its end."""

_MAX_JTI_CHARS: Final = 256

_MAX_DATE: Final = 2**53
"""Beyond it a clock that counts in doubles tells no seconds apart, or can't be compared with at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionClaims:
    """What is needed of an assertion whose claims held.

    Attributes:
        jti: its id, unique to the client.
        refused_from: from when it is refused as expired, seconds since the epoch.
    """

    jti: str
    refused_from: int


def check_claims(
    claims: Mapping[str, Any], client_id: str, audiences: frozenset[str], now: float
) -> AssertionClaims:
    """Check that an assertion speaks of one client, to us, now.

    Raises:
        RefusedError: `assertion_claims`, `assertion_identity`, `assertion_audience`, `assertion_expired`,
            `assertion_not_yet_valid`, `assertion_lifetime`, `assertion_jti`.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise RefusedError("assertion_identity")
    _check_audience(claims.get("aud"), audiences)
    expires = _date(claims, "exp")
    if expires is None:
        raise RefusedError("assertion_claims")
    _check_times(expires, _date(claims, "iat"), _date(claims, "nbf"), now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_CHARS:
        raise RefusedError("assertion_jti")
    return AssertionClaims(jti=jti, refused_from=expires + LEEWAY)


def _check_audience(audience: object, accepted: frozenset[str]) -> None:
    match audience:
        case str(sole) | [str(sole)] if sole in accepted:
            return
        case _:
            raise RefusedError("assertion_audience")


def _check_times(expires: int, issued: int | None, not_before: int | None, now: float) -> None:
    if now >= expires + LEEWAY:
        raise RefusedError("assertion_expired")
    if any(date is not None and date > now + LEEWAY for date in (issued, not_before)):
        raise RefusedError("assertion_not_yet_valid")
    # This bounds the age of `iat` too: it isn't older than the lifetime, the leeway and the leeway of `exp`.
    if expires - (now if issued is None else issued) > MAX_LIFETIME + LEEWAY:
        raise RefusedError("assertion_lifetime")


def _date(claims: Mapping[str, Any], name: str) -> int | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MAX_DATE:
        raise RefusedError("assertion_claims")
    return value
