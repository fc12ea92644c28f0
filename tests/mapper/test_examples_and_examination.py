"""Tokens made from a profile's examples, and tokens taken apart for whoever asks why."""

import re
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import (
    Clause,
    IssuerMapping,
    Kind,
    KnownClient,
    Mapper,
    Profile,
    example_token,
    load_profile,
    profile_names,
    rehearse,
)
from policy_engine.mapper.language import FlagType
from policy_engine.model import Client, EntityUid, VerifiedToken

ISSUER = "https://login.example.com/tenant/v2.0"


KINDS_OF: Mapping[Kind, str] = {"client": "Client", "user": "User"}


def example(
    profile: Profile, kind: Any, identifier: str, sample: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An example with everything else alike, and what it names of its own."""
    return example_token(
        profile,
        kind,
        id=identifier,
        client="web-app",
        issuer=ISSUER if sample is None else sample.issuer,
        audience="https://mcp.example.com",
        now=1000,
        lifetime=600,
        jti="0a1b",
        flags={} if sample is None else sample.flags,
    )


KINDS = [(name, kind) for name in profile_names() for kind in load_profile(name).examples]
OF_EACH = pytest.mark.parametrize(("name", "kind"), KINDS, ids=[f"{name} {kind}" for name, kind in KINDS])


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_takes_its_examples_for_what_they_stand_for(name: str) -> None:
    """Each kind's example is of that kind, and each trap is refused for the reason that it names."""
    profile = load_profile(name)

    rehearse(profile)
    assert profile.refused


@OF_EACH
def test_an_example_maps_to_exactly_the_one_it_was_made_for(name: str, kind: Kind) -> None:
    """With the flags of the example, listed as its kind is listed; facts of the token come with it."""
    profile = load_profile(name)
    sample = profile.examples[kind]
    header, claims = example(profile, kind, sample.id, sample)
    grant = "workload" if profile.machines_only else "client_credentials"
    clients = {"web-app": KnownClient(grants=frozenset({"authorization_code"}))}
    if kind == "client":
        clients[sample.id] = KnownClient(grants=frozenset({grant}))
    mapper = Mapper([IssuerMapping(name="idp", profile=profile, clients=clients, flags=sample.flags)])

    identity = mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))

    principal = identity.principal
    assert (principal.issuer, principal.uid) == ("idp", EntityUid(KINDS_OF[kind], f"idp/{sample.id}"))
    if kind == "client":
        assert identity.token.client_id is not None
    assert (identity.token.issued_at, identity.token.expires_at) == (1000, 1600)


@OF_EACH
def test_no_setting_of_switches_makes_the_other_kind_of_an_example(name: str, kind: Kind) -> None:
    """Whatever the boolean flags, an example is of its kind or refused."""
    profile = load_profile(name)
    sample = profile.examples[kind]
    header, claims = example(profile, kind, sample.id, sample)
    clients = {"web-app": KnownClient(grants=frozenset({"authorization_code"}))}
    if kind == "client":
        clients[sample.id] = KnownClient(grants=frozenset({"client_credentials"}))
    switches = [flag for flag, row in profile.flags.items() if row.type is FlagType.BOOLEAN]
    for values in product((False, True), repeat=len(switches)):
        flags = {**sample.flags, **dict(zip(switches, values, strict=True))}
        mapper = Mapper([IssuerMapping(name="idp", profile=profile, clients=clients, flags=flags)])
        try:
            found = mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims)).principal
        except MappingError:
            continue
        assert found.uid == EntityUid(KINDS_OF[kind], f"idp/{sample.id}")


@OF_EACH
def test_an_example_has_all_that_stage_1_asks_for(name: str, kind: Kind) -> None:
    """The required claims, a header type that is allowed, an audience, and no placeholder left."""
    profile = load_profile(name)
    sample = profile.examples[kind]
    header, claims = example(profile, kind, sample.id, sample)

    assert set(profile.required) <= set(claims)
    assert header.get("typ", None if None in profile.typ else "") in {None, "JWT", "at+jwt"}
    assert any(name in claims for name in profile.audience)
    assert claims.get("iss", sample.issuer) == sample.issuer
    assert "$" not in repr((header, claims))


def test_numbers_stay_numbers_and_texts_are_filled(write_profile: Callable[..., Path]) -> None:
    """A placeholder alone takes its value's type; within a text it is text."""
    profile = load_profile(
        write_profile(
            examples=(
                "{client: {header: {n: 1}, claims: {a: $now, b: at-$now, c: [$id, {d: $$x}], e: true}}, "
                "user: {header: {}, claims: {client: $client}}}"
            )
        )
    )

    assert example(profile, "client", "$jti") == (
        {"n": 1},
        {"a": 1000, "b": "at-1000", "c": ["$jti", {"d": "$x"}], "e": True},
    )
    assert example(profile, "user", "alice") == ({}, {"client": "web-app"})


def test_an_issuer_of_machines_alone_has_no_example_of_a_person() -> None:
    """Our own server never issues one."""
    with pytest.raises(ConfigError, match="profile `policy-engine` has no tokens for a user"):
        example(load_profile("policy-engine"), "user", "alice")


def test_the_category_of_an_agent_is_read_from_its_token(mapper_for: Callable[..., Mapper]) -> None:
    """Unless the operator listed another one."""
    header, claims = example(load_profile("policy-engine"), "client", "bot")
    token = VerifiedToken(issuer="idp", header=header, claims={**claims, "sub_profile": "ai_agent"})
    cc = frozenset({"client_credentials"})

    for listed, expected in ((None, "ai_agent"), ("workload", "workload")):
        mapper = mapper_for("policy-engine", {"bot": KnownClient(grants=cc, category=listed)})
        assert mapper.map(token).principal == Client(issuer="idp", client_id="bot", category=expected)


def test_an_examination_shows_every_clause_of_both_rules(mapper_for: Callable[..., Mapper]) -> None:
    """What holds, what doesn't, and what can't be told for want of a claim."""
    mapper = mapper_for("rfc9068", {"bot": KnownClient(grants=frozenset({"client_credentials"}))})
    token = VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "bot", "client_id": "bot"})

    examination = mapper.examine(token)

    assert examination.issuer == "idp"
    assert examination.profile == "rfc9068"
    assert examination.client == (Clause("sub == client_id", holds=True),)
    assert examination.user == (
        Clause("present auth_time", holds=False),
        Clause("nonempty acr", holds=None),
        Clause("nonempty amr", holds=None),
    )
    assert examination.identity == mapper.map(token)
    assert examination.error is None


def test_an_examination_of_a_refused_token_says_why(mapper_for: Callable[..., Mapper]) -> None:
    """The clauses are shown all the same, unless the token can't even be read."""
    mapper = mapper_for("rfc9068")
    unlisted = mapper.examine(
        VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={"sub": "bot", "client_id": "bot"})
    )
    unread = mapper.examine(VerifiedToken(issuer="idp", header={}, claims={}))

    assert unlisted.identity is None
    assert unlisted.error is not None
    assert unlisted.error.code == "unregistered_client"
    assert unlisted.client == (Clause("sub == client_id", holds=True),)
    assert unread.error is not None
    assert (unread.error.code, unread.client, unread.user) == ("invalid_token_type", (), ())


def test_an_issuer_without_people_has_no_clauses_for_them(mapper_for: Callable[..., Mapper]) -> None:
    """Nothing could ever hold."""
    header, claims = example(load_profile("policy-engine"), "client", "bot")
    cc = frozenset({"client_credentials"})
    mapper = mapper_for("policy-engine", {"bot": KnownClient(grants=cc)})

    examination = mapper.examine(VerifiedToken(issuer="idp", header=header, claims=claims))

    assert examination.user == ()
    assert examination.identity is not None
    assert examination.identity.principal.evidence == (
        'client: gty == "client_credentials" and sub_profile in ["service", "ai_agent"] '
        "and sub == client_id holds",
        "user: this issuer has none",
    )


def test_an_issuer_without_machines_admits_none(
    mapper_for: Callable[..., Mapper], write_profile: Callable[..., Path]
) -> None:
    """A profile may know people alone."""
    path = write_profile(
        client=None,
        examples="{user: {header: {typ: at+jwt}, claims: {sub: $id, client_id: $client, kind: person}}}",
    )
    mapper = mapper_for(path)
    claims = {"sub": "alice", "client_id": "web", "kind": "person"}

    assert mapper.map(VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims)).kind == "user"
    examination = mapper.examine(
        VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims={**claims, "kind": "app"})
    )
    assert examination.error is not None
    assert examination.error.evidence == (
        "client: this issuer has none",
        "user: does not hold",
        "no rule holds",
    )


def test_refusals_by_a_profiles_own_rule_quote_the_rule(mapper_for: Callable[..., Mapper]) -> None:
    """An operator reads which rule it was, in the profile's own words."""
    claims = {"sub": "s", "azp": "web", "typ": "ID", "jti": "onrtac:1"}

    error = (
        mapper_for("keycloak")
        .examine(VerifiedToken(issuer="idp", header={"typ": "JWT"}, claims=claims))
        .error
    )

    assert error is not None
    assert (error.code, error.detail) == ("invalid_token_type", "token_class")
    assert error.evidence == ('refuse token_class: not typ in ["Bearer", "DPoP"] holds',)
    assert re.search("profile refuses", error.note)
