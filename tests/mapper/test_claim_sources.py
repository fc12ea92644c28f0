"""Groups, roles, email and tags: only from configured claims, only of the kind they were configured for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import ClaimSources, KnownClient, Mapper, Sources
from policy_engine.model import Client, TokenFacts, User, VerifiedToken

CLAIMS: Mapping[str, Any] = MappingProxyType(
    {
        "groups": ["eng", "on call"],
        "realm_access": {"roles": ["admin"]},
        "https://acme.example/team": "core",
        "email": "alice@example.com",
        "email_verified": True,
        "scope": "read write",
        "acr": "2",
        "amr": ["pwd", "otp"],
        "iat": 5,
        "exp": 10,
        "jti": "j1",
    }
)
SOURCES = Sources(
    groups="groups",
    roles="realm_access.roles",
    email="email",
    tags={"team": "https://acme.example/team", "missing": "nowhere"},
)
BOT = {"bot": KnownClient(grants=frozenset({"client_credentials"}), groups=frozenset({"ci"}))}


def person(**claims: Any) -> VerifiedToken:
    """A person's token with all the claims."""
    return VerifiedToken(
        issuer="idp",
        header={"typ": "at+jwt"},
        claims={"sub": "alice", "client_id": "web", "auth_time": 1, **CLAIMS, **claims},
    )


def machine(**claims: Any) -> VerifiedToken:
    """A machine's token with all the claims but those of a person's authentication."""
    given = {name: value for name, value in CLAIMS.items() if name not in ("acr", "amr")}
    return VerifiedToken(
        issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "bot", "client_id": "bot", **given, **claims}
    )


def test_a_persons_facts_come_from_their_claims(mapper_for: Callable[..., Mapper]) -> None:
    """Arrays and single strings alike; a tag without a value isn't there."""
    identity = mapper_for("rfc9068", claims=ClaimSources(user=SOURCES)).map(person())

    assert identity.principal == User(
        issuer="idp",
        subject="alice",
        email="alice@example.com",
        groups=frozenset({"eng", "on call"}),
        roles=frozenset({"admin"}),
        attributes={"team": ("core",)},
    )
    assert identity.token == TokenFacts(
        scopes=("read", "write"),
        client_id="web",
        acr="2",
        amr=("pwd", "otp"),
        issued_at=5,
        expires_at=10,
        jti="j1",
    )
    assert identity.kind == "user"


def test_nothing_is_read_that_is_not_configured(mapper_for: Callable[..., Mapper]) -> None:
    """A claim named `groups` means nothing until an operator says so."""
    assert mapper_for("rfc9068").map(person(groups=1)).principal == User(issuer="idp", subject="alice")


def test_sources_of_people_say_nothing_of_machines(mapper_for: Callable[..., Mapper]) -> None:
    """A machine is in no group because a claim that was meant for people says so."""
    mapper = mapper_for("rfc9068", BOT, claims=ClaimSources(user=SOURCES))

    assert mapper.map(machine()).principal == Client(issuer="idp", client_id="bot", groups=frozenset({"ci"}))


def test_what_the_operator_listed_and_what_the_token_says_come_together(
    mapper_for: Callable[..., Mapper],
) -> None:
    """Groups and roles add up; of an attribute with two values, the operator's stands."""
    clients = {
        "bot": KnownClient(
            grants=frozenset({"workload"}), groups=frozenset({"ci"}), attributes={"team": ("ops",)}
        )
    }
    sources = Sources(
        groups="groups", roles="realm_access.roles", tags={"team": "https://acme.example/team", "id": "jti"}
    )

    assert mapper_for("rfc9068", clients, claims=ClaimSources(client=sources)).map(
        machine()
    ).principal == Client(
        issuer="idp",
        client_id="bot",
        groups=frozenset({"ci", "eng", "on call"}),
        roles=frozenset({"admin"}),
        attributes={"team": ("ops",), "id": ("j1",)},
    )


@pytest.mark.parametrize("verified", [False, "true", 1, None])
def test_an_address_that_is_not_verified_is_not_an_address(
    verified: object, mapper_for: Callable[..., Mapper]
) -> None:
    """`email_verified` is true, or there is no email."""
    principal = (
        mapper_for("rfc9068", claims=ClaimSources(user=SOURCES))
        .map(person(email_verified=verified))
        .principal
    )

    assert isinstance(principal, User)
    assert principal.email is None


def test_a_person_without_an_address_has_none(mapper_for: Callable[..., Mapper]) -> None:
    """A verified nothing is nothing."""
    claims = {name: value for name, value in person().claims.items() if name != "email"}
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)
    principal = mapper_for("rfc9068", claims=ClaimSources(user=SOURCES)).map(token).principal

    assert isinstance(principal, User)
    assert principal.email is None


WRONG: list[dict[str, Any]] = [
    {"groups": 1},
    {"groups": None},
    {"groups": ["eng", 1]},
    {"groups": [["eng"]]},
    {"groups": {"eng": True}},
    {"groups": ["eng\n"]},
    {"groups": ["eng\u202e"]},
    {"groups": ["eng\u0000"]},
    {"groups": [""]},
    {"groups": ""},
    {"_claim_names": "groups"},
    {"_claim_names": ["groups"]},
    {"_claim_names": None},
    {"_claim_sources": "src1"},
    {"_claim_sources": None},
    {"realm_access": []},
    {"realm_access": {"roles": True}},
    {"email": ["alice@example.com"]},
    {"email": "alice@example.com\n"},
    {"https://acme.example/team": 5},
    {"scope": 1},
    {"scope": ["a", 1]},
    {"scope": None},
    {"acr": 1},
    {"amr": "pwd"},
    {"amr": [1]},
    {"iat": "5"},
    {"exp": True},
    {"jti": 7},
]


@pytest.mark.parametrize("claims", WRONG, ids=[repr(row) for row in WRONG])
def test_a_fact_of_the_wrong_type_refuses_the_token(
    claims: dict[str, Any], mapper_for: Callable[..., Mapper]
) -> None:
    """Dropping it would decide on less than the issuer said, guessing at it on more."""
    with pytest.raises(MappingError) as refused:
        mapper_for("rfc9068", claims=ClaimSources(user=SOURCES)).map(person(**claims))

    assert (refused.value.code, refused.value.detail) == ("invalid_claim", "claim_type")


OVERAGE: list[tuple[dict[str, Any], bool]] = [
    ({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {}}}, True),
    ({"_claim_names": {"realm_access": "src1"}}, True),
    ({"_claim_names": {"https://acme.example/team": "src1"}}, True),
    ({"_claim_names": {"address": "src1"}}, False),
    ({"_claim_names": {}, "_claim_sources": {}}, False),
    ({"hasgroups": True}, False),
    ({"groups:src1": "https://graph.example/groups"}, True),
    ({"groups:src2": "https://graph.example/groups"}, True),
    ({"groups:src": "x", "groups:srcs": "x", "groups:src1a": "x"}, False),
    ({"https://acme.example/team:src1": {}}, True),
    ({"groups:hr": "x", "_claim_sources": {"hr": {}}}, True),
    ({"groups:hr": "x"}, False),
    ({"address:src1": "x"}, False),
    ({"groups": "src1", "_claim_sources": {"src1": {}}}, True),
    ({"groups": "src1", "_claim_sources": {"src2": {}}}, False),
]


@pytest.mark.parametrize(("claims", "refused"), OVERAGE, ids=[repr(row[0]) for row in OVERAGE])
def test_claims_that_were_too_long_for_the_token_refuse_it(
    claims: dict[str, Any],
    refused: bool,  # noqa: FBT001 -- an answer
    mapper_for: Callable[..., Mapper],
) -> None:
    """A forbid on a group must not be escaped by being in two hundred others."""
    mapper = mapper_for("rfc9068", claims=ClaimSources(user=SOURCES))
    if not refused:
        assert mapper.map(person(**claims)).kind == "user"
        return

    with pytest.raises(MappingError) as error:
        mapper.map(person(**claims))

    assert (error.value.code, error.value.detail) == ("invalid_claim", "groups_overage")


def test_entra_says_that_it_left_groups_out(mapper_for: Callable[..., Mapper]) -> None:
    """`hasgroups` without groups, where groups are configured."""
    claims = {
        name: value for name, value in person(hasgroups=True, groups=[]).claims.items() if name != "groups"
    }
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)

    with pytest.raises(MappingError) as refused:
        mapper_for("rfc9068", claims=ClaimSources(user=Sources(groups="groups"))).map(token)

    assert refused.value.detail == "groups_overage"
    assert mapper_for("rfc9068", claims=ClaimSources(user=Sources(roles="roles"))).map(token).kind == "user"


def test_scopes_are_a_string_or_an_array(mapper_for: Callable[..., Mapper]) -> None:
    """RFC 9068 has a string with spaces; an array is read as well, and none is none."""
    mapper = mapper_for("rfc9068")

    assert mapper.map(person(scope=["a", "b"])).token.scopes == ("a", "b")
    assert mapper.map(person(scope=" a  b ")).token.scopes == ("a", "b")
    assert mapper.map(person(scope="")).token.scopes == ()


@pytest.mark.parametrize(
    "claims",
    [
        ClaimSources(client=Sources(email="email")),
        ClaimSources(user=Sources(groups="a..b")),
        ClaimSources(user=Sources(tags={"x": ""})),
    ],
    ids=["a machine's email", "no claim", "no claim for a tag"],
)
def test_sources_that_can_not_be_meant_are_refused(
    claims: ClaimSources, mapper_for: Callable[..., Mapper]
) -> None:
    """Told when the mapper is made."""
    with pytest.raises(ConfigError):
        mapper_for("rfc9068", claims=claims)
