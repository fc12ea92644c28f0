"""Who acts for a person: the outermost actor, listed and a machine, or the listed application itself."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper
from policy_engine.model import Client, User, VerifiedToken

CLIENTS: Mapping[str, KnownClient] = MappingProxyType(
    {
        "agent": KnownClient(
            grants=frozenset({"client_credentials", "token-exchange"}),
            category="ai_agent",
            groups=frozenset({"agents"}),
            roles=frozenset({"helper"}),
            attributes={"vendor": ("acme",)},
        ),
        "exchanger": KnownClient(grants=frozenset({"token-exchange"})),
        "desktop": KnownClient(grants=frozenset({"authorization_code"}), acts_for_users=True),
        "portal": KnownClient(grants=frozenset({"authorization_code"})),
    }
)
ISSUER = "https://as.example.com"


def person(**claims: Any) -> VerifiedToken:
    """A person's token, obtained by a client that isn't listed."""
    return VerifiedToken(
        issuer="idp",
        header={"typ": "at+jwt"},
        claims={"iss": ISSUER, "sub": "alice", "client_id": "dcr-1", "auth_time": 1, **claims},
    )


def actor(mapper: Mapper, token: VerifiedToken) -> Client | None:
    """Who acts for the person of a token."""
    principal = mapper.map(token).principal
    assert isinstance(principal, User)
    assert principal.subject == "alice"
    return principal.actor


@pytest.fixture
def mapper(mapper_for: Callable[..., Mapper]) -> Mapper:
    """An issuer of RFC 9068 tokens that writes `act`."""
    return mapper_for("rfc9068", CLIENTS)


def test_the_actor_is_the_listed_client_that_act_names(mapper: Mapper) -> None:
    """Everything known of it is what the operator listed."""
    assert actor(mapper, person(act={"sub": "agent", "iss": ISSUER})) == Client(
        issuer="idp",
        client_id="agent",
        category="ai_agent",
        groups=frozenset({"agents"}),
        roles=frozenset({"helper"}),
        attributes={"vendor": ("acme",)},
    )


def test_only_the_outermost_actor_counts(mapper: Mapper) -> None:
    """Nested actors are history (RFC 8693 section 4.1), whoever they were, up to five levels."""
    chain: dict[str, Any] = {"sub": "helpdesk-bob"}
    for _ in range(3):
        chain = {"sub": "nobody-known", "act": chain}

    found = actor(mapper, person(act={"sub": "exchanger", "act": chain}))

    assert found == Client(issuer="idp", client_id="exchanger")


def test_an_application_that_acts_for_people_is_the_actor_of_their_tokens(mapper: Mapper) -> None:
    """Where a token doesn't show it, the registry does."""
    assert actor(mapper, person(client_id="desktop")) == Client(issuer="idp", client_id="desktop")
    assert actor(mapper, person(client_id="portal")) is None
    assert actor(mapper, person()) is None


def test_what_the_token_says_goes_before_the_registry(mapper: Mapper) -> None:
    """`act` names the actor even where the application would be one."""
    found = actor(mapper, person(client_id="desktop", act={"sub": "agent"}))

    assert found is not None
    assert found.client_id == "agent"


def test_an_application_may_stand_in_act(mapper: Mapper) -> None:
    """One that acts for people may be named, though it is no machine of its own."""
    found = actor(mapper, person(act={"sub": "desktop"}))

    assert found == Client(issuer="idp", client_id="desktop")


def test_may_act_is_no_delegation(mapper: Mapper) -> None:
    """It permits a later exchange at the issuer (RFC 8693 section 4.4) and says nothing of this token."""
    assert actor(mapper, person(may_act={"sub": "agent"})) is None


def nested(depth: int) -> dict[str, Any]:
    """`act` of some depth."""
    act: dict[str, Any] = {"sub": "agent"}
    for _ in range(depth - 1):
        act = {"sub": "agent", "act": act}
    return act


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("null", {"act": None}, "act_form"),
    ("a string", {"act": "agent"}, "act_form"),
    ("a list", {"act": [{"sub": "agent"}]}, "act_form"),
    ("nobody", {"act": {}}, "act_form"),
    ("a number", {"act": {"sub": 1}}, "act_form"),
    ("no id", {"act": {"sub": "agent\n"}}, "act_form"),
    ("an empty id", {"act": {"sub": ""}}, "act_form"),
    ("another issuer", {"act": {"sub": "agent", "iss": "https://other.example"}}, "act_form"),
    ("history of another form", {"act": {"sub": "agent", "act": "x"}}, "act_form"),
    ("too deep", {"act": nested(6)}, "act_depth"),
    ("far too deep", {"act": nested(5000)}, "act_depth"),
    ("not listed", {"act": {"sub": "bob"}}, "act_actor"),
    ("an application of people", {"act": {"sub": "portal"}}, "act_actor"),
    ("oneself", {"act": {"sub": "alice"}}, "act_actor"),
    ("a machine's token", {"sub": "agent", "client_id": "agent", "act": {"sub": "exchanger"}}, "act_subject"),
]


@pytest.mark.parametrize(
    ("claims", "detail"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS]
)
def test_an_actor_that_can_not_act_refuses_the_token(
    claims: dict[str, Any], detail: str, mapper: Mapper
) -> None:
    """A delegation that isn't sound is no delegation, and no token of the person's own either."""
    token = person(**claims)
    if detail == "act_subject":
        token = VerifiedToken(
            issuer="idp",
            header=token.header,
            claims={name: value for name, value in token.claims.items() if name != "auth_time"},
        )

    with pytest.raises(MappingError) as refused:
        mapper.map(token)

    assert (refused.value.code, refused.value.detail) == ("invalid_actor", detail)


def test_act_of_an_issuer_that_does_not_write_it_is_refused(mapper_for: Callable[..., Mapper]) -> None:
    """At Okta somebody configured it, and chose its value."""
    token = VerifiedToken(
        issuer="idp", header={}, claims={"cid": "web", "uid": "u1", "sub": "alice", "act": {"sub": "agent"}}
    )

    with pytest.raises(MappingError) as refused:
        mapper_for("okta", CLIENTS).map(token)

    assert (refused.value.code, refused.value.detail) == ("invalid_actor", "act_form")


def test_the_profile_says_which_member_names_the_client(mapper_for: Callable[..., Mapper]) -> None:
    """Auth0's `sub` in `act` is an agent's id, and `client_id` is the client."""
    claims = {"sub": "auth0|1", "azp": "web", "act": {"sub": "agt_1", "client_id": "agent"}}
    mapper = mapper_for("auth0", CLIENTS)

    principal = mapper.map(VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims=claims)).principal

    assert isinstance(principal, User)
    assert principal.actor is not None
    assert principal.actor.client_id == "agent"
    for act in ({"sub": "agent"}, {"sub": "auth0|1", "client_id": "agent"}):
        with pytest.raises(MappingError):
            mapper.map(VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims={**claims, "act": act}))
