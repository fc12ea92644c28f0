"""What is checked on every call, since it depends on the server and on the moment: audience and times."""

from collections.abc import Mapping
from typing import Any

from policy_engine.errors import TokenError
from policy_engine.tokens.claims import named_audiences
from policy_engine.tokens.rules import TokenRules

__all__ = ["check_audience", "check_times"]


def check_audience(claims: Mapping[str, Any], acceptable: frozenset[str] | None, rules: TokenRules) -> None:
    """Check that a token is for this server (RFC 8707 section 2, RFC 9068 section 4): exactly, not by prefix.

    Args:
        claims: of the right form.
        acceptable: the server's audiences at this issuer; None: its tokens don't open this server.
        rules: of the issuer.

    Raises:
        TokenError: `invalid_audience` (`missing_audience`, `multiple_audiences`, or none where it is for
            somebody else).
    """
    if acceptable is None:
        raise TokenError("invalid_audience", "no audience of this issuer opens this server")
    audiences = named_audiences(claims, rules)
    if not audiences:
        if rules.audience_required:
            raise TokenError("invalid_audience", "the token has no `aud`", detail="missing_audience")
        return
    if len(audiences) > 1 and not rules.multiple_audiences:
        # A token that opens several servers lets each of them act as the caller at the others.
        raise TokenError("invalid_audience", "`aud` names several", detail="multiple_audiences")
    if acceptable.isdisjoint(audiences):
        raise TokenError("invalid_audience", "`aud` doesn't name this server")


def check_times(claims: Mapping[str, Any], now: float, leeway: int, rules: TokenRules) -> None:
    """Check that a token's time has come and isn't over (RFC 7519 sections 4.1.4 to 4.1.6).

    Args:
        claims: of the right form.
        now: seconds since the epoch.
        leeway: seconds that two clocks may differ.
        rules: of the issuer.

    Raises:
        TokenError: `expired_token`, `not_yet_valid`, `invalid_claim` (`lifetime_too_long`).
    """
    if now >= claims["exp"] + leeway:
        raise TokenError("expired_token", "`exp` is over")
    for name in ("nbf", "iat"):
        if name in claims and claims[name] > now + leeway:
            raise TokenError("not_yet_valid", f"`{name}` is in the future")
    lifetime = claims["exp"] - claims.get("iat", now)
    if rules.max_lifetime is not None and lifetime > rules.max_lifetime + leeway:
        raise TokenError("invalid_claim", "`exp` is too far away", detail="lifetime_too_long")
