"""Declared attributes: of exactly the declared type, only of the kind they were configured for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Authorizer, CedarRequest, EntityHandle, Schema
from policy_engine.errors import ConfigError, MappingError
from policy_engine.evaluator import principal_entity
from policy_engine.mapper import (
    AttributeSource,
    ClaimSources,
    IssuerMapping,
    KnownClient,
    Mapper,
    Sources,
    load_profile,
)
from policy_engine.mcp import entity_schema
from policy_engine.model import AttributeType, Client, EntityUid, Principal, User, VerifiedToken
from tests.plugins.samples import samples

BOT = KnownClient(
    grants=frozenset({"client_credentials"}),
    attributes={"region": ("eu",)},
    typed_attributes={"tier": "gold"},
)
AGENT = KnownClient(
    grants=frozenset({"authorization_code"}), acts_for_users=True, typed_attributes={"tier": "silver"}
)
CLIENTS = {"bot": BOT, "agent": AGENT}


def mapper(claims: ClaimSources) -> Mapper:
    """One issuer, `idp`, that follows RFC 9068."""
    profile = load_profile("rfc9068")
    return Mapper([IssuerMapping(name="idp", profile=profile, clients=CLIENTS, claims=claims)])


def of(**attributes: tuple[str, AttributeType]) -> Sources:
    """Sources of attributes alone, each a claim and a type."""
    return Sources(
        attributes={
            name: AttributeSource(claim=claim, type=type_) for name, (claim, type_) in attributes.items()
        }
    )


def person(client_id: str = "web", **claims: Any) -> VerifiedToken:
    """A person's token."""
    said = {"sub": "alice", "client_id": client_id, "auth_time": 1, **claims}
    return VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=said)


def machine(**claims: Any) -> VerifiedToken:
    """A machine's token."""
    said = {"sub": "bot", "client_id": "bot", **claims}
    return VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=said)


ONE_OF_EACH = ClaimSources(
    user=of(
        a_string=("department", AttributeType.STRING),
        some_strings=("hr.cost_centres", AttributeType.STRINGS),
        a_bool=("https://corp.example/contractor", AttributeType.BOOL),
        a_long=("clearance", AttributeType.LONG),
    )
)
"""Each declared type, read for people, by every spelling of a claim."""


def test_each_type_is_read_as_it_is_declared() -> None:
    """Values are neither converted nor dropped; an empty list is a set without members."""
    claims: dict[str, Any] = {
        "department": "payments",
        "hr": {"cost_centres": ["100", "200"]},
        "https://corp.example/contractor": False,
        "clearance": 0,
    }

    assert mapper(ONE_OF_EACH).map(person(**claims)).principal == User(
        issuer="idp",
        subject="alice",
        typed_attributes={
            "a_string": "payments",
            "some_strings": ("100", "200"),
            "a_bool": False,
            "a_long": 0,
        },
    )


def test_what_is_absent_is_absent() -> None:
    """Neither a default nor an empty value is made up."""
    principal = mapper(ONE_OF_EACH).map(person(department="", hr={})).principal

    assert principal.typed_attributes == {"a_string": ""}


Judge = Callable[[Principal, Any], bool]


@pytest.fixture(scope="module")
def equals_in_cedar() -> Callable[[AttributeType], Judge]:
    """Whether an attribute `a` of a declared type has, in Cedar, exactly a value."""
    asked = Authorizer.from_text(
        "permit (principal, action, resource) when { principal has a && principal.a == context.a };"
    )
    anything = EntityUid("Action", "x")

    def judge_of(type_: AttributeType) -> Judge:
        schema = Schema.from_json(entity_schema({"User": {"a": type_}}))

        def equals(principal: Principal, value: Any) -> bool:
            entities = EntityHandle.from_json([principal_entity(principal)], schema)
            request = CedarRequest(principal.uid, anything, anything, {"a": value})
            return asked.decide(request, entities).allowed

        return equals

    return judge_of


FITTING: Mapping[AttributeType, Callable[[Any], Any]] = {
    AttributeType.STRING: lambda value: value if _text(value) else None,
    AttributeType.STRINGS: lambda value: [value] if _text(value) else value if _texts(value) else None,
    AttributeType.BOOL: lambda value: value if value is True or value is False else None,
    AttributeType.LONG: lambda value: (
        value if type(value) is int and -9223372036854775808 <= value <= 9223372036854775807 else None
    ),
}
"""What Cedar must see of a JSON value, None where the token must be refused; written without the code."""


def _text(value: Any) -> bool:
    control = {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    return isinstance(value, str) and len(value) <= 1000 and not any(ord(sign) in control for sign in value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**63) - 2, -(2**63) + 2)
    | st.integers(2**63 - 2, 2**63 + 2)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.sampled_from(["x" * 1000, "x" * 1001, "\x85", "\u202e", "\u2066", "true", "1"])
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "__entity", "__extn"]), SCALARS, max_size=2)
JSON = SCALARS | st.lists(SCALARS, max_size=3) | st.lists(TEXTS, max_size=3) | OBJECTS


@pytest.mark.parametrize("type_", AttributeType)
@settings(max_examples=samples(150))
@given(value=JSON)
@example(value={"__entity": {"type": "User", "id": "corp/root"}})
@example(value=1.0)
@example(value=True)
@example(value=1)
@example(value=2**63)
@example(value=-(2**63))
@example(value=["a", "a"])
@example(value=["a", ["b"]])
def test_an_attribute_has_exactly_the_value_of_the_claim_or_the_token_is_refused(
    type_: AttributeType, equals_in_cedar: Callable[[AttributeType], Judge], value: Any
) -> None:
    """For every type and every JSON value: nothing in between, and Cedar takes what isn't refused."""
    token = person(c=value)
    seen = FITTING[type_](value)
    mapping = mapper(ClaimSources(user=of(a=("c", type_))))
    if seen is None:
        with pytest.raises(MappingError) as refused:
            mapping.map(token)
        assert (refused.value.code, refused.value.detail) == ("invalid_claim", "claim_type")
        return

    principal = mapping.map(token).principal

    assert equals_in_cedar(type_)(principal, seen)


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_half_a_character_is_no_string(half: str) -> None:
    """No JSON text can carry it to Cedar."""
    with pytest.raises(MappingError) as refused:
        mapper(ClaimSources(user=of(a=("c", AttributeType.STRING)))).map(person(c=half))

    assert refused.value.detail == "claim_type"


@settings(max_examples=samples(100))
@given(
    claims=st.dictionaries(
        st.sampled_from(["department", "hr", "https://corp.example/contractor", "clearance", "tier"]), JSON
    )
)
def test_a_machine_is_never_read_by_what_is_configured_for_people(claims: dict[str, Any]) -> None:
    """Whatever its token says under those names, and the other way round."""
    as_listed = Client(
        issuer="idp",
        client_id="bot",
        attributes={"region": ("eu",)},
        typed_attributes={"tier": "gold"},
    )
    swapped = ClaimSources(client=ONE_OF_EACH.user)

    assert mapper(ONE_OF_EACH).map(machine(**claims)).principal == as_listed
    assert mapper(swapped).map(person(**claims)).principal == User(issuer="idp", subject="alice")


def test_what_the_operator_listed_stands_against_what_the_token_says() -> None:
    """As for tags: a machine can't raise itself to another tier."""
    sources = ClaimSources(
        client=of(tier=("tier", AttributeType.STRING), team=("team", AttributeType.STRING))
    )

    principal = mapper(sources).map(machine(tier="platinum", team="core")).principal

    assert principal.typed_attributes == {"tier": "gold", "team": "core"}


def test_an_acting_client_has_the_attributes_that_are_listed() -> None:
    """Nothing of the person's token becomes the agent's."""
    sources = ClaimSources(
        user=of(tier=("tier", AttributeType.STRING)), client=of(tier=("tier", AttributeType.STRING))
    )

    assert mapper(sources).map(person("agent", tier="platinum")).principal == User(
        issuer="idp",
        subject="alice",
        actor=Client(issuer="idp", client_id="agent", typed_attributes={"tier": "silver"}),
        typed_attributes={"tier": "platinum"},
    )


READERS = {
    "groups": Sources(groups="groups"),
    "roles": Sources(roles="groups"),
    "email": Sources(email="groups"),
    "tags": Sources(tags={"g": "groups"}),
    "attributes": of(g=("groups", AttributeType.STRINGS)),
}
KINDS = [("user", name) for name in READERS] + [("client", name) for name in READERS if name != "email"]
LEFT_OUT: list[dict[str, Any]] = [
    {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}},
    {"_claim_names": {"groups": "src1"}},
    {"hasgroups": True},
    {"groups:src1": "https://graph.example"},
    {"groups": "src1", "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}},
    {"groups:s": {}, "_claim_sources": {"s": {"endpoint": "https://graph.example"}}},
]


@pytest.mark.parametrize("claims", LEFT_OUT, ids=repr)
@pytest.mark.parametrize(("kind", "reader"), KINDS)
def test_a_claim_that_was_left_out_refuses_the_token_whatever_it_is_read_as(
    kind: str, reader: str, claims: dict[str, Any]
) -> None:
    """To be absent and to be too long for a token are two things."""
    token = person if kind == "user" else machine

    with pytest.raises(MappingError) as refused:
        mapper(ClaimSources(**{kind: READERS[reader]})).map(token(email_verified=True, **claims))

    assert (refused.value.code, refused.value.detail) == ("invalid_claim", "groups_overage")
    assert mapper(ClaimSources()).map(token(**claims)).kind == kind


def test_hasgroups_stands_for_whatever_claim_holds_the_groups() -> None:
    """Not only for one that is called `groups`; other claims aren't concerned."""
    token = person(hasgroups=True)

    with pytest.raises(MappingError) as refused:
        mapper(ClaimSources(user=Sources(groups="memberships"))).map(token)

    assert refused.value.detail == "groups_overage"
    assert mapper(ClaimSources(user=Sources(roles="roles"))).map(token).kind == "user"
    assert mapper(ClaimSources(user=Sources(groups="memberships"))).map(
        person(hasgroups=True, memberships=["a"])
    ).principal.groups == {"a"}


def test_a_header_has_no_claims_that_are_elsewhere() -> None:
    """`_claim_names` speaks of claims, and `header.region` isn't one."""
    sources = ClaimSources(user=of(region=("header.region", AttributeType.STRING)))
    token = person(_claim_names={"region": "src1"})
    header = {**token.header, "region": "eu"}

    principal = mapper(sources).map(replace(token, header=header)).principal

    assert principal.typed_attributes == {"region": "eu"}


def test_a_claim_without_a_name_is_refused_when_the_mapper_is_made() -> None:
    """As for every other source."""
    with pytest.raises(ConfigError):
        mapper(ClaimSources(user=of(a=("", AttributeType.BOOL))))
