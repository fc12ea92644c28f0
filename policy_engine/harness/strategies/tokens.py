"""Tokens of a project's issuers, and tokens that somebody tampered with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from policy_engine.errors import ConfigError, PolicyEngineError
from policy_engine.harness.strategies.vocabulary import Vocabulary
from policy_engine.harness.tampering import TAMPERINGS
from policy_engine.harness.world import World
from policy_engine.mapper import Kind
from policy_engine.model import Client, Principal

__all__ = ["hostile_tokens", "principals", "tokens"]

_PEOPLE = ("alice", "auth0|65f0c1d2", "6f1d2a7c-0b1e-4c57-9f5e-2f4f6f3f9a10", "alice@example.com", "1001")
"""Ids as identity providers write them; each issuer takes those that it can."""

_SCOPES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearer:
    """Somebody whose tokens an issuer signs.

    Attributes:
        through: applications that may hold the token; None for one of which nothing is known.
        lists: by claim, what it may list; only claims that are read.
    """

    issuer: str
    kind: Kind
    id: str
    through: tuple[str | None, ...] = (None,)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def tokens(world: World, *, server: str | None = None, kind: Kind | None = None) -> st.SearchStrategy[str]:
    """Good tokens: of listed machines, and of people; with groups and scopes that policies speak of.

    Args:
        world: whose issuers.
        server: whom they are for; needed where several are configured.
        kind: machines' only, or people's only.

    Raises:
        ConfigError: nobody has such a token.
    """
    vocabulary = Vocabulary.of(world)
    found = [bearer for bearer in _bearers(world, server, vocabulary) if kind is None or bearer.kind == kind]
    if not found:
        raise ConfigError("nobody has such a token", remedy="list a machine, or add an issuer")
    scopes = st.lists(st.sampled_from(_scopes(vocabulary)), unique=True, max_size=_SCOPES).map(" ".join)
    return st.sampled_from(found).flatmap(lambda bearer: _tokens_of(world, server, bearer, scopes))


def principals(world: World, *, server: str | None = None) -> st.SearchStrategy[Principal]:
    """Whom good tokens stand for, as the engine tells it.

    Args:
        world: whose issuers.
        server: whom the tokens are for; needed where several are configured.

    Raises:
        ConfigError: nobody has a token.
    """
    return tokens(world, server=server).map(lambda token: world.engine.identify(token, server))


def hostile_tokens(world: World, *, server: str | None = None) -> st.SearchStrategy[str]:
    """Tokens that open nothing: tampered with, cut, spliced, or none at all.

    Args:
        world: whose issuers.
        server: whom they pretend to be for; needed where several are configured.

    Raises:
        ConfigError: nobody has a token to begin with.
    """
    vocabulary = Vocabulary.of(world)
    found = [*_bearers(world, server, vocabulary)]
    good = tokens(world, server=server)
    tampered = st.builds(
        lambda bearer, tamper: world.mint(
            issuer=bearer.issuer, kind=bearer.kind, id=bearer.id, server=server, tamper=tamper
        ),
        st.sampled_from(found),
        st.sampled_from(sorted(TAMPERINGS)),
    )
    return st.one_of(
        tampered,
        st.tuples(good, good).filter(lambda pair: pair[0] != pair[1]).map(_spliced),
        good.flatmap(lambda token: st.integers(0, len(token) - 1).map(lambda at: token[:at])),
        good.map(lambda token: f"{token}.{token.rpartition('.')[2]}"),
        good.map(lambda token: f"{token.rpartition('.')[0]}."),
        good.map(lambda token: f"Bearer {token}"),
        st.text(max_size=40),
    )


def _tokens_of(
    world: World, server: str | None, bearer: _Bearer, scopes: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    claims = st.fixed_dictionaries(
        {},
        optional={
            name: st.lists(st.sampled_from(values), unique=True) for name, values in bearer.lists.items()
        },
    )
    return st.builds(
        lambda claims, scope, through: world.mint(
            issuer=bearer.issuer,
            kind=bearer.kind,
            id=bearer.id,
            through=through,
            claims=claims,
            scope=scope or None,
            server=server,
        ),
        claims,
        scopes,
        st.sampled_from(bearer.through),
    )


def _bearers(world: World, server: str | None, vocabulary: Vocabulary) -> Iterator[_Bearer]:
    """Everybody whose token the engine takes for what it is meant to be: that is tried, and not supposed."""
    for issuer, config in world.loaded.config.issuers.items():
        machines = {*config.clients, *vocabulary.names("Client", issuer)}
        people = (*vocabulary.names("User", issuer), *_PEOPLE)
        apps = [
            each for each in sorted(config.clients) if "authorization_code" in config.clients[each].grants
        ]
        whose: dict[Kind, list[str]] = {"client": sorted(machines), "user": [*dict.fromkeys(people)]}
        for kind, ids in whose.items():
            for each in ids:
                bearer = _Bearer(issuer=issuer, kind=kind, id=each)
                if _stands(world, server, bearer):
                    through = (None, *apps) if kind == "user" else (None,)
                    yield _Bearer(
                        issuer=issuer,
                        kind=kind,
                        id=each,
                        through=tuple(app for app in through if _stands(world, server, bearer, through=app)),
                        lists=dict(_lists(world, server, bearer, vocabulary)),
                    )


def _lists(
    world: World, server: str | None, bearer: _Bearer, vocabulary: Vocabulary
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Claims that name groups or roles, with the names that policies speak of."""
    claims = getattr(world.loaded.config.issuers[bearer.issuer].claims, bearer.kind)
    types = ("Group", "Role") if bearer.kind == "user" else ("ClientGroup", "ClientRole")
    for claim, type_ in zip((claims.groups, claims.roles), types, strict=True):
        names = (*vocabulary.names(type_, bearer.issuer), "others")
        if claim is not None and _stands(world, server, bearer, claims={claim: list(names)}):
            yield claim, names


def _stands(world: World, server: str | None, bearer: _Bearer, **more: Any) -> bool:  # noqa: ANN401 -- arguments of `mint`
    try:
        token = world.mint(issuer=bearer.issuer, kind=bearer.kind, id=bearer.id, server=server, **more)
        principal = world.engine.identify(token, server)
    except PolicyEngineError:
        return False
    return isinstance(principal, Client) == (bearer.kind == "client")


def _scopes(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Words of policies that may be scopes; it does no harm if one isn't."""
    words = (text for text in vocabulary.texts if text and text.isascii() and not set(text) & set(' "\\'))
    return (*words, "other")


def _spliced(pair: tuple[str, str]) -> str:
    """The content of one token under the signature of another."""
    first, second = pair
    return f"{first.rpartition('.')[0]}.{second.rpartition('.')[2]}"
