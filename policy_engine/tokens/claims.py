"""The form of claims: what must be there, and of which type (RFC 7519 section 4.1, RFC 9068 section 2.2).

A library that turns `"1700000000"` or `true` into a time answers a question that wasn't asked; here a claim
has its type or the token is refused.
"""

from collections.abc import Mapping
from typing import Any, Final

from policy_engine.errors import TokenError
from policy_engine.tokens.rules import TokenRules

__all__ = ["audiences_of", "check_form"]

_TEXTS: Final = ("iss", "sub", "jti", "client_id")
_TIMES: Final = ("exp", "nbf", "iat")

_MAX_TIME: Final = 2**53
"""Beyond it a double no longer counts seconds, and sums of times would be guesses."""


def check_form(claims: Mapping[str, Any], rules: TokenRules) -> None:
    """Check everything about claims that neither time nor server can change.

    Raises:
        TokenError: `invalid_claim` (`missing_claim`, `claim_type`), `invalid_audience` (`audience_form`).
    """
    for name in sorted(rules.required_claims | {"exp"}):
        if name not in claims:
            raise TokenError("invalid_claim", f"`{name}` is missing", detail="missing_claim")
        if claims[name] is None:
            raise _wrong_type(name)
    for name in _TEXTS:
        if name in claims and not isinstance(claims[name], str):
            raise _wrong_type(name)
    for name in _TIMES:
        if name in claims and not _is_time(claims[name]):
            raise _wrong_type(name)
    audiences_of(claims)


def audiences_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom a token is for; empty without `aud` (RFC 7519 section 4.1.3).

    Raises:
        TokenError: `invalid_audience` (`audience_form`): neither a string nor a list of strings.
    """
    if "aud" not in claims:
        return ()
    aud = claims["aud"]
    listed = [aud] if isinstance(aud, str) else aud
    if not isinstance(listed, list) or not listed or not all(isinstance(item, str) for item in listed):
        raise TokenError(
            "invalid_audience", "`aud` is neither a string nor a list of strings", detail="audience_form"
        )
    return tuple(listed)


def _is_time(value: object) -> bool:
    # `True` is an int in Python, and no time.
    return isinstance(value, int | float) and not isinstance(value, bool) and -_MAX_TIME < value < _MAX_TIME


def _wrong_type(name: str) -> TokenError:
    return TokenError("invalid_claim", f"`{name}` has the wrong type", detail="claim_type")
