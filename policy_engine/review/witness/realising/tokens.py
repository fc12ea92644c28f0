"""What the engine's own mapper makes of a bearer's token, before anybody signs one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.config import Stages
from policy_engine.errors import ConfigError, PolicyEngineError
from policy_engine.mapper import example_token
from policy_engine.model import Identity
from policy_engine.review.witness.realising.call import Bearer
from policy_engine.review.witness.realising.issuers import KnownIssuer

__all__ = ["APPLICATION", "LIFETIME", "audience_of", "audiences_of", "example_claims", "identify"]

APPLICATION = "some-application"
"""What obtained a person's token, where nothing is said of it."""

LIFETIME = 600
"""Seconds that a token lasts, where nothing is said of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """A token that nobody signed; what comes of it is as true as that somebody can have it."""

    issuer: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    audiences: tuple[str, ...]
    sender_constrained: bool = False
    introspected: bool = False


def example_claims(
    issuer: KnownIssuer, bearer: Bearer, audience: str, at: float
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Header and claims of the example of an issuer's profile; None if it has none with this id."""
    try:
        return example_token(
            issuer.profile,
            bearer.kind,
            id=bearer.id,
            client=bearer.through or APPLICATION,
            issuer=issuer.config.issuer,
            audience=audience,
            now=int(at),
            lifetime=LIFETIME,
            jti="witness",
            flags=issuer.config.flags,
        )
    except ConfigError:
        return None


def identify(stages: Stages, issuer: KnownIssuer, bearer: Bearer, server: str, at: float) -> Identity | str:
    """Whom the token of a bearer speaks for; or, in words, why it speaks for nobody."""
    audience = audience_of(stages, issuer, bearer, server)
    found = example_claims(issuer, bearer, audience, at)
    if found is None:
        return f"`{issuer.name}` has no tokens with such an id"
    header, claims = found
    if bearer.scope is not None:
        place = issuer.profile.scopes.names[0]
        claims[place] = bearer.scope.split() if isinstance(claims.get(place), list) else bearer.scope
    content = _Content(
        issuer=issuer.name,
        header=_laid_over(header, bearer.header),
        claims=_laid_over(claims, bearer.claims),
        audiences=(audience,),
    )
    if not _in_time(content.claims, at):
        return "its token would have expired, or not have been issued yet"
    if not _is_for(content, issuer, audiences_of(stages, issuer, bearer, server)):
        return f"no token of `{issuer.name}` with such an id is for `{server}`"
    try:
        examined = stages.mapper.examine(content)
    except PolicyEngineError as error:  # a registry that can't be read
        return error.code
    if examined.identity is None:
        note = "" if examined.error is None else examined.error.note
        return f"the mapper refuses the token: {note}"
    return examined.identity


def audiences_of(stages: Stages, issuer: KnownIssuer, bearer: Bearer, server: str) -> tuple[str, ...]:
    """What tokens of an issuer may carry as audience for a server."""
    config = stages.loaded.config.servers[server]
    own = config.audiences.get(issuer.name)
    return (config.resource,) if own is None else tuple(getattr(own, bearer.kind))


def audience_of(stages: Stages, issuer: KnownIssuer, bearer: Bearer, server: str) -> str:
    """What a token of an issuer is made out for, to open a server."""
    audiences = audiences_of(stages, issuer, bearer, server)
    return audiences[0] if audiences else stages.loaded.config.servers[server].resource


def _is_for(content: _Content, issuer: KnownIssuer, audiences: tuple[str, ...]) -> bool:
    """Whether the first claim that says whom a token is for names one of these; one may name nobody."""
    found = next((content.claims[name] for name in issuer.profile.audience if name in content.claims), None)
    named = found if isinstance(found, list) else [found]
    return found is None or not {*audiences}.isdisjoint(named)


def _laid_over(members: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**members, **given}
    return {name: value for name, value in whole.items() if value is not None}


def _in_time(claims: Mapping[str, Any], at: float) -> bool:
    issued, expires = claims.get("iat"), claims.get("exp")
    return (not isinstance(issued, int | float) or issued <= at) and (
        isinstance(expires, int | float) and at < expires
    )
