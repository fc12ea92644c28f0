"""A registry that changes by itself: what was made of a token is as good as the registry's mark."""

from collections.abc import Mapping
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import IssuerMapping, KnownClient, Mapper, load_profile
from policy_engine.model import VerifiedToken

CC = frozenset({"client_credentials"})


class Changing:
    """A registry that a test changes; it counts how often it is asked for a machine."""

    def __init__(self, **clients: KnownClient) -> None:
        self.clients: Mapping[str, KnownClient] = clients
        self.state = object()
        self.refused: tuple[str | None, object] | None = None
        self.away = False
        self.asked = 0

    def change(self, **clients: KnownClient) -> None:
        """List others from now on."""
        self.clients, self.state = clients, object()

    def get(self, client_id: str, /) -> KnownClient | None:
        """Look it up."""
        self.asked += 1
        return self.clients.get(client_id)

    def mark(self) -> object:
        """The state, if it is known."""
        if self.away:
            raise MappingError("registry_unavailable")
        return self.state

    def refuse_revoked(self, client_id: str | None, jti: object) -> None:
        """Refuse what the test says."""
        if (client_id, jti) == self.refused:
            raise MappingError("revoked_token", detail="jti")


class Silent:
    """A registry that doesn't say when it changes."""

    def __init__(self, **clients: KnownClient) -> None:
        self.clients = clients

    def get(self, client_id: str, /) -> KnownClient | None:
        """Look it up."""
        return self.clients.get(client_id)


def token(**claims: Any) -> VerifiedToken:
    """What our own server writes of a machine."""
    ours = {"sub": "bot", "client_id": "bot", "gty": "client_credentials", "sub_profile": "service"}
    return VerifiedToken(issuer="machines", header={"typ": "at+jwt"}, claims={**ours, "jti": "t-1", **claims})


def mapper(clients: Any) -> Mapper:
    """A mapper of our own server's tokens."""
    profile = load_profile("policy-engine")
    return Mapper([IssuerMapping(name="machines", profile=profile, clients=clients)])


def known(*groups: str) -> KnownClient:
    """A machine with groups."""
    return KnownClient(grants=CC, groups=frozenset(groups))


def test_a_token_is_mapped_once_for_each_state_of_the_registry() -> None:
    """The identity is the same object until something changes, and another one then."""
    registry = Changing(bot=known("a"))
    stage, one = mapper(registry), token()
    first = stage.map(one)
    asked = registry.asked

    assert stage.map(one) is first
    assert registry.asked == asked

    registry.change(bot=known("b"))
    second = stage.map(one)
    assert (first.principal.groups, second.principal.groups) == (frozenset({"a"}), frozenset({"b"}))
    assert stage.map(one) is second


def test_a_state_that_comes_back_is_another_state() -> None:
    """What is listed again is looked up again."""
    registry = Changing(bot=known())
    stage, one = mapper(registry), token()
    first = stage.map(one)

    registry.change()
    with pytest.raises(MappingError) as caught:
        stage.map(one)
    assert caught.value.code == "unregistered_client"
    registry.change(bot=known())

    assert stage.map(one) == first
    assert stage.map(one) is not first


def test_what_another_mapper_made_of_a_token_is_not_taken() -> None:
    """After a reload the same registry in the same state may be read in another way."""
    registry, one = Changing(bot=known()), token()
    first = mapper(registry).map(one)

    second = mapper(registry).map(one)

    assert (second == first, second is first) == (True, False)


def test_a_registry_that_is_away_refuses_what_was_mapped_before() -> None:
    """Nobody knows by then whether it still holds."""
    registry, one = Changing(bot=known()), token()
    stage = mapper(registry)
    stage.map(one)
    registry.away = True

    with pytest.raises(MappingError) as caught:
        stage.map(one)

    assert (caught.value.code, caught.value.detail) == ("registry_unavailable", None)


def test_a_revoked_token_is_refused_before_its_machine_is_looked_up() -> None:
    """By machine and id, once the state has changed."""
    registry, one = Changing(bot=known()), token()
    stage = mapper(registry)
    stage.map(one)
    registry.refused = ("bot", "t-1")
    registry.change()

    with pytest.raises(MappingError) as caught:
        stage.map(one)
    assert (caught.value.code, caught.value.detail) == ("revoked_token", "jti")
    examined = stage.examine(one)
    assert (examined.check, examined.identity) == ("admission", None)


def test_of_a_registry_that_says_nothing_nothing_is_remembered() -> None:
    """It may have changed between any two calls."""
    registry = Silent(bot=known())
    stage, one = mapper(registry), token()
    first = stage.map(one)
    assert (stage.map(one) == first, stage.map(one) is first) == (True, False)

    registry.clients = {}
    with pytest.raises(MappingError):
        stage.map(one)


def test_what_a_configuration_lists_is_remembered_for_good() -> None:
    """Nothing of it changes while its mapper is in use."""
    stage, one = mapper({"bot": known()}), token()

    assert stage.map(one) is stage.map(one)
