"""Schemas: read, written, and used to validate."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import CedarError, EntityHandle, Finding, Schema, parse_policies, render, validate
from policy_engine.model import CedarJson
from tests.plugins.samples import samples

STRING: CedarJson = {"type": "String"}


def schema_of(**types: Any) -> CedarJson:
    """A schema with one entity type and what is given besides."""
    user = {"shape": {"type": "Record", "attributes": {"name": STRING}}}
    return {"": {"entityTypes": {"User": user, **types}, "actions": {}}}


def test_a_schema_is_rendered_as_a_person_would_write_it() -> None:
    """Built-in types lose their prefix; nothing inside quotes does."""
    schema = schema_of(E={"enum": ["__cedar::String"]})
    schema[""]["actions"] = {'a "__cedar::Long"': {"annotations": {"doc": "__cedar::"}}}

    assert render(schema) == (
        'entity E enum ["__cedar::String"];\n\nentity User = {\n  name: String\n};\n\n'
        '@doc("__cedar::")\naction "a \\"__cedar::Long\\"";\n'
    )


def test_a_type_with_a_built_in_name_keeps_the_prefix_of_all_others() -> None:
    """Without it `name: String` would mean that type."""
    text = render(schema_of(String={}))

    assert "name: __cedar::String" in text
    entity = {"uid": {"type": "User", "id": "a"}, "attrs": {"name": "a"}, "parents": []}
    assert len(EntityHandle.from_json([entity], Schema.from_text(text))) == 1


NAMES = st.sampled_from(["name", "a b", "__cedar::x", 'quo"te', "String", "in"])
TYPES = st.recursive(
    st.sampled_from([STRING, {"type": "Long"}, {"type": "Boolean"}, {"type": "Extension", "name": "ipaddr"}]),
    lambda inner: st.one_of(
        inner.map(lambda element: {"type": "Set", "element": element}),
        st.dictionaries(NAMES, inner, max_size=2).map(lambda attrs: {"type": "Record", "attributes": attrs}),
    ),
    max_leaves=4,
)


@given(st.dictionaries(NAMES, TYPES, max_size=3), st.lists(NAMES, max_size=2, unique=True))
@settings(max_examples=samples(60))
def test_what_is_rendered_reads_back_as_the_same_schema(attributes: CedarJson, actions: list[str]) -> None:
    """Whatever the names."""
    schema = schema_of(Tool={"shape": {"type": "Record", "attributes": attributes}})
    schema[""]["actions"] = {name: {} for name in actions}

    text = render(schema)

    assert str(Schema.from_text(text)) == text
    assert render(schema) == str(Schema.from_json(schema)).replace(": __cedar::", ": ").replace(
        "<__cedar::", "<"
    )


@pytest.mark.parametrize(
    "source",
    ["entity User = {name: String};", '{"": {"entityTypes": {"User": {}}, "actions": {}}}', schema_of()],
    ids=["syntax", "JSON text", "JSON"],
)
def test_a_schema_may_come_in_every_form(source: CedarJson | str) -> None:
    """Syntax, JSON text, JSON, or already parsed."""
    schema = Schema.of(source)

    assert Schema.of(schema) is schema
    assert "entity User" in str(schema)


@pytest.mark.parametrize(
    "source", ["entity User in [Nobody];", "entity", "{", "{" * 9999, {"": {}}, {"": {1}}, "\ud800"]
)
def test_what_is_no_schema_is_refused(source: Any) -> None:
    """With one error, whatever is wrong."""
    with pytest.raises(CedarError) as caught:
        Schema.of(source)

    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_schema")


VOCABULARY = Schema.from_text(
    "entity User = {email?: String}; entity Client; entity Tool; action group; "
    "action call appliesTo { principal: [User, Client], resource: Tool, context: {n: Long} }; "
    "action ping appliesTo { principal: [User, Client], resource: Tool, context: {} };"
)


def test_valid_policies_have_no_findings() -> None:
    """Also when they guard what is optional."""
    policies = parse_policies(
        'permit(principal is User, action == Action::"call", resource) when { context.n == 1 };'
        'permit(principal is User, action, resource) when { principal has email && principal.email == "a" };'
    )

    assert validate(policies, VOCABULARY) == ()


def test_findings_name_their_policy_and_come_once() -> None:
    """In the order of the policies, each sentence once, however many environments it was found in."""
    policies = parse_policies("""
        permit(principal is User, action, resource) when { principal.email == "a" };
        permit(principal, action == Action::"ping", resource);
        @id("x") permit(principal is Nobody, action, resource);
        permit(principal, action, resource) when { context.m == 1 };
        forbid(principal, action in Action::"group", resource);
    """)
    no_action = "unable to find an applicable action given the policy scope constraints"

    findings = validate(policies, VOCABULARY)

    assert findings == (
        Finding(
            0, "unable to guarantee safety of access to optional attribute `email` on entity type `User`"
        ),
        Finding(2, no_action),
        Finding(2, "unrecognized entity type `Nobody`"),
        Finding(3, 'attribute `m` in context for Action::"call" not found'),
        Finding(3, 'attribute `m` in context for Action::"ping" not found'),
        Finding(4, no_action),
    )
    assert [finding.no_action for finding in findings] == [False, True, False, False, False, True]
