"""Listed clients: none is both a machine and an application of people; no machine is admitted unlisted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import (
    EXCHANGE_GRANTS,
    IssuerMapping,
    KnownClient,
    Mapper,
    check_clients,
    load_profile,
)
from policy_engine.model import Client, Identity, TokenFacts, VerifiedToken
from policy_engine.model.claims import MACHINE_GRANTS, USER_GRANTS

CC = frozenset({"client_credentials"})


def machine_token(**claims: Any) -> VerifiedToken:
    """A token as RFC 9068 has it for a client on its own behalf."""
    return VerifiedToken(
        issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "bot", "client_id": "bot", **claims}
    )


@pytest.mark.parametrize("machine", sorted(MACHINE_GRANTS))
@pytest.mark.parametrize("people", sorted(USER_GRANTS))
def test_a_client_of_both_kinds_is_refused_by_name(machine: str, people: str) -> None:
    """Its tokens for itself couldn't be told from those for people (RFC 9068 section 5)."""
    with pytest.raises(ConfigError) as refused:
        check_clients({"both": KnownClient(grants=frozenset({machine, people}))}, issuer="corp")

    assert str(refused.value) == (
        f"client `both` of issuer `corp` has `{machine}` and `{people}`: its tokens for itself can't be told "
        "from those for people (register two clients, one for each)"
    )


@pytest.mark.parametrize("exchange", sorted(EXCHANGE_GRANTS))
@pytest.mark.parametrize("other", sorted(MACHINE_GRANTS | USER_GRANTS))
def test_exchange_goes_with_either_kind(exchange: str, other: str) -> None:
    """Exchanging a token doesn't change whose it is."""
    check_clients({"one": KnownClient(grants=frozenset({exchange, other}))}, issuer="corp")


FAULTS: list[tuple[str, KnownClient, str]] = [
    ("bot", KnownClient(grants=frozenset()), "has no grant"),
    ("bot", KnownClient(grants=frozenset({"client-credentials"})), "unknown grant `client-credentials`"),
    ("bot", KnownClient(grants=CC, category="robot"), "unknown category `robot`"),
    ("", KnownClient(grants=CC), "an id that no token can carry"),
    (" bot", KnownClient(grants=CC), "an id that no token can carry"),
    ("b\u00f6t", KnownClient(grants=CC), "an id that no token can carry"),
    ("b" * 256, KnownClient(grants=CC), "an id that no token can carry"),
]


@pytest.mark.parametrize(
    ("name", "client", "problem"), FAULTS, ids=[f"{row[0][:9]!r} {row[2]}" for row in FAULTS]
)
def test_a_client_that_can_not_be_meant_is_refused_at_load(
    name: str, client: KnownClient, problem: str
) -> None:
    """A client without a use, or one with a misspelt one, is a mistake."""
    with pytest.raises(ConfigError) as refused:
        Mapper([IssuerMapping(name="idp", profile=load_profile("rfc9068"), clients={name: client})])

    assert problem in refused.value.problem


def test_a_machine_is_told_with_all_that_was_listed_of_it(mapper_for: Callable[..., Mapper]) -> None:
    """The registry gives category, groups, roles and attributes; the token gives the facts."""
    bot = KnownClient(
        grants=CC,
        category="workload",
        groups=frozenset({"ci"}),
        roles=frozenset({"builder"}),
        attributes={"team": ("core",)},
    )
    token = machine_token(scope="a b a", iat=1, exp=2.5, jti="j", cnf={"jkt": "x"})

    identity = mapper_for("rfc9068", {"bot": bot}).map(token)

    assert identity == Identity(
        principal=Client(
            issuer="idp",
            client_id="bot",
            category="workload",
            groups=frozenset({"ci"}),
            roles=frozenset({"builder"}),
            attributes={"team": ("core",)},
            sender_constrained=True,
        ),
        token=TokenFacts(
            scopes=("a", "b"),
            grant="client_credentials",
            client_id="bot",
            issued_at=1,
            expires_at=2.5,
            jti="j",
        ),
    )
    assert identity.principal.evidence == ("client: sub == client_id holds", "user: does not hold")


def test_the_grant_is_known_only_where_one_was_listed(mapper_for: Callable[..., Mapper]) -> None:
    """Two machine grants leave open which it was."""
    bot = KnownClient(grants=frozenset({"client_credentials", "workload"}))

    assert mapper_for("rfc9068", {"bot": bot}).map(machine_token()).token.grant is None


@pytest.mark.parametrize("grants", [None, frozenset({"token-exchange"})])
def test_no_machine_is_admitted_unlisted(
    grants: frozenset[str] | None, mapper_for: Callable[..., Mapper]
) -> None:
    """A client that registered itself is nobody's machine, nor is one that only exchanges tokens."""
    clients = {} if grants is None else {"bot": KnownClient(grants=grants)}

    with pytest.raises(MappingError) as refused:
        mapper_for("rfc9068", clients).map(machine_token())

    assert (refused.value.code, refused.value.detail) == ("unregistered_client", None)
    assert refused.value.evidence == (
        "client: sub == client_id holds",
        "user: does not hold",
        "the machine isn't listed with a machine's grant",
    )


class LiveRegistry:
    """A registry that isn't a mapping, as an authorization server's store is, and isn't checked at load."""

    def get(self, client_id: str, /) -> KnownClient | None:
        """One client that is both, one that is people's."""
        return {
            "bot": KnownClient(grants=frozenset({"client_credentials", "authorization_code"})),
            "portal": KnownClient(grants=frozenset({"authorization_code"})),
        }.get(client_id)


@pytest.mark.parametrize("name", ["bot", "portal"])
def test_a_token_of_an_application_of_people_is_never_a_machines(name: str) -> None:
    """A person named like their application has the token that the application would have for itself."""
    mapper = Mapper([IssuerMapping(name="idp", profile=load_profile("rfc9068"), clients=LiveRegistry())])

    with pytest.raises(MappingError) as refused:
        mapper.map(machine_token(sub=name, client_id=name))

    assert (refused.value.code, refused.value.detail) == ("ambiguous_principal", "mixed_grant_client")


def test_a_person_who_is_named_like_a_client_is_refused(mapper_for: Callable[..., Mapper]) -> None:
    """Their entity would be told from the client's by its type alone, and by no reader of a log."""
    mapper = mapper_for("rfc9068", {"bot": KnownClient(grants=CC)})

    with pytest.raises(MappingError) as refused:
        mapper.map(machine_token(client_id="portal", auth_time=1))

    assert (refused.value.code, refused.value.detail) == ("ambiguous_principal", "subject_is_client")


def test_rules_see_what_the_operator_listed(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """An application of people, listed as one, is positive evidence for a person."""
    path = write_profile(
        user='sub != client_id and registered(client_id, "authorization_code")', client="sub == client_id"
    )
    mapper = mapper_for(path, {"portal": KnownClient(grants=frozenset({"authorization_code"}))})

    assert mapper.map(machine_token(sub="alice", client_id="portal")).kind == "user"
    with pytest.raises(MappingError) as refused:
        mapper.map(machine_token(sub="alice", client_id="dcr-1"))

    assert refused.value.detail == "undetermined"


def test_an_issuer_without_a_profile_is_refused() -> None:
    """There is no default profile."""
    with pytest.raises(MappingError) as refused:
        Mapper([]).map(machine_token())

    assert refused.value.code == "unknown_issuer"
