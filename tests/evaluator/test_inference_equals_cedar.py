"""What places the validator's sentences says the same sentences, so that none is put at a wrong node."""

from functools import cache

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from policy_engine.cedar import (
    Policy,
    Schema,
    parse_each,
    parse_policies,
    reachable,
    read_tree,
    tree_of,
    validate,
)
from policy_engine.evaluator import Deployment
from policy_engine.evaluator.diagnosis import diagnose
from policy_engine.evaluator.grouping import Grouping
from policy_engine.evaluator.inference import Vocabulary, infer, kind_of
from policy_engine.model import CedarJson
from tests.plugins.samples import samples

STRING: CedarJson = {"type": "String"}
STRINGS: CedarJson = {"type": "Set", "element": STRING}


def record(**attributes: CedarJson) -> CedarJson:
    """A record type."""
    return {"type": "Record", "attributes": attributes}


def action(*resources: str, **context: CedarJson) -> CedarJson:
    """An action that people and machines may ask for."""
    principals = ["User", "Client"]
    return {
        "memberOf": [{"id": "all"}],
        "appliesTo": {
            "principalTypes": principals,
            "resourceTypes": list(resources),
            "context": record(**context),
        },
    }


@cache
def schema() -> CedarJson:
    """One of each type, required and optional, in two actions that differ."""
    maybe: CedarJson = {"required": False}
    inner = record(deep=STRING, count={"type": "Long", **maybe})
    first = action(
        "Tool",
        text=STRING,
        number={"type": "Long"},
        truth={"type": "Boolean", **maybe},
        texts=STRINGS,
        price={"type": "Extension", "name": "decimal"},
        time={"type": "Extension", "name": "datetime"},
        inner=inner,
        actor={"type": "Entity", "name": "Client", **maybe},
    )
    second = action("Tool", "Server", text={"type": "Long", **maybe}, texts=STRINGS, inner={"type": "Inner"})
    entities: CedarJson = {
        "User": {
            "memberOfTypes": ["Group"],
            "shape": record(name=STRING, boss={"type": "Entity", "name": "User", **maybe}),
            "tags": STRINGS,
        },
        "Client": {"memberOfTypes": ["ClientGroup"], "shape": record(name={"type": "Long"})},
        "Group": {"memberOfTypes": ["Group"]},
        "ClientGroup": {},
        "Server": {},
        "Tool": {"memberOfTypes": ["Server"], "shape": record(name=STRING)},
    }
    actions = {"all": {}, "first": first, "second": second}
    return {"": {"commonTypes": {"Inner": inner}, "entityTypes": entities, "actions": actions}}


LEAVES = st.sampled_from(
    """
    "x"
    3
    true
    false
    ["a"]
    [1, 2]
    [principal]
    principal
    resource
    context
    action
    User::"a"
    Group::"g"
    ClientGroup::"g"
    Server::"s"
    Action::"first"
    Action::"all"
    context.text
    context.number
    context.truth
    context.texts
    context.price
    context.time
    context.inner
    context.actor
    context.inner.deep
    context.inner.count
    context.none
    principal.name
    principal.boss
    context.inner.none
    principal.boss.name
    resource.name
    context.actor.name
    decimal("1.0")
    datetime("2026-01-01")
    duration("1h")
    {a: 1, b: "x"}
    {deep: "x"}
    """.strip().splitlines()
).map(str.strip)
ATTRIBUTES = st.sampled_from(["name", "boss", "text", "truth", "actor", "inner", "deep", "count", "none"])
INFIX = st.sampled_from(["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "in"])
METHODS = st.sampled_from(
    ["contains", "containsAll", "containsAny", "lessThan", "isInRange", "durationSince", "offset"]
)
TAGS = st.sampled_from(['"x"', '"y"'])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of others."""
    return st.one_of(
        st.builds("({} {} {})".format, inner, INFIX, inner),
        st.builds("({}).{}({})".format, inner, METHODS, inner),
        st.builds("({} has {})".format, inner, ATTRIBUTES),
        st.builds("({}).{}".format, inner, ATTRIBUTES),
        st.builds("(!{})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds('({} like "a*")'.format, inner),
        st.builds("({} is {})".format, inner, st.sampled_from(["User", "Client", "Tool"])),
        st.builds("({} is User in {})".format, inner, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("({}).hasTag({})".format, inner, TAGS),
        st.builds("({}).getTag({})".format, inner, TAGS),
        st.builds("(({t}).hasTag({n}) && ({t}).getTag({n}).contains({v}))".format, t=inner, n=TAGS, v=inner),
        st.builds("(({t} has {n}) && ({t}.{n} == {v}))".format, t=inner, n=ATTRIBUTES, v=inner),
        st.builds("({}).isEmpty()".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{a: {}, b: {}}}".format, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, larger, max_leaves=6)
TRUTH = st.sampled_from(
    """
    true
    false
    1 == 1
    "a" == "b"
    principal is User
    principal is Client
    resource is Tool
    principal in Group::"g"
    principal in ClientGroup::"g"
    resource in Server::"s"
    principal == User::"a"
    principal == resource
    principal has boss
    principal has none
    action == Action::"first"
    action in Action::"all"
    action in [Action::"second"]
    context.texts.contains("x")
    context has none
    context.inner has count
    context has actor
    principal is User in Group::"g"
    principal.hasTag("x")
    context.inner has none.deep
    """.strip().splitlines()
).map(str.strip)

TRUTHS = st.recursive(
    TRUTH,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("(!({}))".format, inner),
        st.builds("(({}) == ({}))".format, inner, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    ),
    max_leaves=5,
)
"""Conditions in which nothing is wrong."""

HEADS = st.sampled_from(
    [
        "principal, action, resource",
        'principal is User, action == Action::"first", resource',
        'principal in Group::"g", action in Action::"all", resource is Tool',
        'principal is Client, action in [Action::"first", Action::"second"], resource in Server::"s"',
    ]
)


@cache
def parsed() -> tuple[Schema, Vocabulary]:
    """The schema, for the validator and for us."""
    return Schema.from_json(schema()), Vocabulary(schema())


def conditions_of(bodies: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One or two, of either kind."""
    one = st.builds("{} {{ {} }}".format, st.sampled_from(["when", "unless"]), bodies)
    return st.lists(one, min_size=1, max_size=2).map(" ".join)


@given(HEADS, conditions_of(EXPRESSIONS))
@settings(max_examples=samples(250))
def test_the_same_sentences_are_said(head: str, conditions: str) -> None:
    """Every sentence of Cedar's, and no other."""
    text = f"permit ({head}) {conditions};"
    (policy,) = parse_each(text)
    if not isinstance(policy, Policy):
        return
    theirs, ours = parsed()

    said = {finding.message for finding in validate([policy], theirs)}
    inferred = list(infer(read_tree(text), ours))

    event(f"{min(len(said), 5)} sentences")
    assert {fault.sentence for one in inferred for fault in one.faults if fault.kind != "unreadable"} == said


@pytest.mark.parametrize(
    "condition",
    [
        "[{a: 1}, {a: 2}].contains({a: 3})",
        '[{a: 1}, {a: "x"}].contains({a: 3})',
        "[{a: true}, {a: false}].contains(3)",
        '[context.inner, {deep: "x"}].contains(3)',
        "[context.inner, context.inner].contains(3)",
        '[["a"], [1]].contains(3)',
        '[[{a: 1}], ["x"]].contains(3)',
        "[[]].contains([])",
        "(if true then context.text else 3) == 3",
        '(if false then context.text else 3) == "x"',
        '(if context.number == 1 then context.inner else {deep: "x"}) == 3',
        'context["two words"] == 1',
        'context.inner["if"] == 1',
        'unknown("x") == 3',
        'unknown("x") in principal && 3',
        '("a" != "b") && 3',
        '("a" != "a") && 3',
        'action in [Action::"first", Action::"all"] && 3',
        'action in [Action::"second", principal]',
        'principal.hasTag("x") && principal.getTag("x").contains(3)',
        "action in principal",
        "action in [action]",
        'action in Group::"g"',
        'Action::"second" in Action::"all"',
        'User::"a" in Group::"g" && 3',
        'principal in [Group::"g", User::"a"] && 3',
        "resource in context.actor",
        "context.text.hasTag(3)",
        "principal.boss.boss.boss == 3",
        'principal.hasTag("x")',
    ],
)
def test_the_same_is_said_of(condition: str) -> None:
    """Corners that chance seldom finds."""
    text = f"permit (principal, action, resource) when {{ {condition} }};"
    (policy,) = parse_policies(text)
    theirs, ours = parsed()

    said = {finding.message for finding in validate([policy], theirs)}

    assert {fault.sentence for one in infer(read_tree(text), ours) for fault in one.faults} == said


@given(HEADS, conditions_of(TRUTHS))
@settings(max_examples=samples(250))
def test_the_same_policies_never_apply(head: str, conditions: str) -> None:
    """What is known to be true or false is what Cedar's validator knows to be so."""
    text = f"permit ({head}) {conditions};"
    (policy,) = parse_policies(text)
    theirs, ours = parsed()

    assert validate([policy], theirs) == ()
    inferred = list(infer(read_tree(text), ours))

    reached = reachable(policy, theirs)
    event(f"reachable: {reached}")
    assert [fault for one in inferred for fault in one.faults] == []
    assert any(one.reachable for one in inferred) == reached


@given(HEADS, conditions_of(EXPRESSIONS))
@settings(max_examples=samples(150))
def test_every_finding_is_explained(head: str, conditions: str) -> None:
    """At a place in the text, and in words of our own; nothing is left as Cedar says it."""
    text = f"permit ({head}) {conditions};"
    (policy,) = parse_each(text)
    if not isinstance(policy, Policy):
        return
    alike = Grouping(schema()).alike(tree_of(policy.est))

    findings = validate([policy], alike.parsed)
    errors = diagnose(policy, findings, alike, Deployment())

    assert bool(errors) == bool(findings)
    for error in errors:
        assert error.line == 1
        assert text.index("{") < (error.column or 0) <= len(text)
        assert error.problem not in {finding.message for finding in findings}
        assert error.remedy


def test_every_kind_of_sentence_is_known() -> None:
    """How the validator begins its sentences, by what they are about."""
    said = {
        "context.none": "missing",
        "context.truth": "optional",
        'principal.getTag("x").contains("y")': "tag",
        "context.text == context.texts": "incompatible",
        "3": "unexpected",
        'decimal(context.text) == decimal("1.0")': "computed",
        'decimal("x") == decimal("1.0")': "unreadable",
        "[].isEmpty()": "empty",
    }
    head = 'principal is User, action == Action::"first", resource'
    for condition, kind in said.items():
        (policy,) = parse_policies(f"permit ({head}) when {{ {condition} }};")
        assert [kind_of(finding.message) for finding in validate([policy], parsed()[0])] == [kind]
    assert kind_of("a sentence of a later version") is None
