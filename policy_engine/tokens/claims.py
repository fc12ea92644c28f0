"""The form of a token: its type, which claims must be there, and of which type each is.

RFC 7519 section 4.1, RFC 9068 section 2.2.

A library that turns `"1700000000"` or `true` into a time answers a question that wasn't asked; here a claim
has its type or the token is refused.
"""

from collections.abc import Mapping
from typing import Any, Final

from policy_engine.errors import TokenError
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens.rules import TokenRules

__all__ = [
    "audiences_of",
    "check_claim_types",
    "check_required_claims",
    "check_type",
    "named_audiences",
    "parse_claims",
]

_TEXTS: Final = ("iss", "sub", "jti", "client_id")
_TIMES: Final = ("exp", "nbf", "iat")

_MAX_TIME: Final = 2**53
"""Beyond it a double no longer counts seconds, and sums of times would be guesses."""


def parse_claims(payload: bytes) -> dict[str, Any]:
    """Read a payload.

    Raises:
        TokenError: `malformed_token` (`payload_form`, or a code of `JsonError`).
    """
    try:
        claims = parse(payload)
    except JsonError as error:
        raise TokenError("malformed_token", "the payload isn't strict JSON", detail=error.code) from None
    if not isinstance(claims, dict):
        raise TokenError("malformed_token", "the payload isn't a JSON object", detail="payload_form")
    return claims


def check_type(header: Mapping[str, Any], rules: TokenRules) -> None:
    """Check that a header's `typ` is that of an access token.

    A logout token or an assertion has the same signature and `iss` (RFC 8725 section 3.11).

    Raises:
        TokenError: `invalid_token_type`.
    """
    if not rules.accepts_type_of(header):
        raise TokenError("invalid_token_type", "`typ` isn't one of this issuer's access tokens")


def check_required_claims(claims: Mapping[str, Any], rules: TokenRules) -> None:
    """Check that the claims are there that must be, and aren't null.

    Raises:
        TokenError: `invalid_claim` (`missing_claim`, `claim_type`).
    """
    for name in rules.mandatory:
        if claims.get(name) is None:
            if name in claims:
                raise _wrong_type(name)
            raise TokenError("invalid_claim", f"`{name}` is missing", detail="missing_claim")


def check_claim_types(claims: Mapping[str, Any]) -> None:
    """Check that claims have the types that RFC 7519 and RFC 9068 give them.

    Raises:
        TokenError: `invalid_claim` (`claim_type`), `invalid_audience` (`audience_form`).
    """
    for name in _TEXTS:
        if not isinstance(claims.get(name, ""), str):
            raise _wrong_type(name)
    for name in _TIMES:
        if not _is_time(claims.get(name, 0)):
            raise _wrong_type(name)
    audiences_of(claims)


def audiences_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom a token is for; empty without `aud` (RFC 7519 section 4.1.3).

    Raises:
        TokenError: `invalid_audience` (`audience_form`): neither a string nor a list of strings.
    """
    return _texts(claims["aud"]) if "aud" in claims else ()


def named_audiences(claims: Mapping[str, Any], rules: TokenRules) -> tuple[str, ...]:
    """Whom a token is for, by the first claim that says it at this issuer; empty if none is there.

    Some issuers write no `aud` unless they are asked to, and name the client alone (`TokenRules`).

    Raises:
        TokenError: `invalid_audience` (`audience_form`).
    """
    for name in rules.audience_claims:
        if name in claims:
            return _texts(claims[name])
    return ()


def _texts(aud: object) -> tuple[str, ...]:
    if isinstance(aud, str):
        return (aud,)
    if not isinstance(aud, list) or not aud or not all(isinstance(item, str) for item in aud):
        raise TokenError(
            "invalid_audience", "`aud` is neither a string nor a list of strings", detail="audience_form"
        )
    return tuple(aud)


def _is_time(value: object) -> bool:
    # `True` is an int in Python, and no time.
    return (
        isinstance(value, (int, float))
        and value is not True
        and value is not False
        and -_MAX_TIME < value < _MAX_TIME
    )


def _wrong_type(name: str) -> TokenError:
    return TokenError("invalid_claim", f"`{name}` has the wrong type", detail="claim_type")
