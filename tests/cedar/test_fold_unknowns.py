"""What the fold makes of values that are known in part, case by case."""

from types import MappingProxyType
from typing import get_args

import pytest

from policy_engine.cedar import CedarError, parse_policies
from policy_engine.cedar.fold import (
    ANYTHING,
    FUNCTIONS,
    Bool,
    Entity,
    Facts,
    Fields,
    Folded,
    KnownEntities,
    Long,
    PartialRequest,
    Shape,
    String,
    Unknown,
    fold_expression,
    fold_policy,
    read_record,
    read_value,
    record,
    show,
)
from policy_engine.cedar.fold.expressions import NODES
from policy_engine.cedar.syntax import Call, Expression, GetAttribute, Value, Variable, tree_of
from policy_engine.cedar.syntax.words import EXTENSION_FUNCTIONS, EXTENSION_METHODS
from policy_engine.model import EntityUid

ALICE = EntityUid("User", "alice")
ENG = EntityUid("Group", "eng")

CONTEXT = record(
    {
        "known": Long(1),
        "long": Unknown("long"),
        "bool": Unknown("bool"),
        "string": Unknown("string"),
        "set": Unknown("set"),
        "when": Unknown("datetime"),
        "text": Unknown("string"),
        "record": Unknown("record"),
        "user": Unknown("entity", "User"),
        "entity": Unknown("entity"),
        "any": ANYTHING,
        "maybe": Long(2),
        "part": record({"a": Long(1), "b": Unknown("long")}),
        "odd": record({"a": Long(1)}, open=True),
    },
    frozenset({"maybe"}),
)
REQUEST = PartialRequest(
    principal=Unknown("entity", "User"),
    action=Entity(EntityUid("Action", "read")),
    resource=Entity(EntityUid("Tool", "t")),
    context=CONTEXT,
    entities=KnownEntities(
        facts=MappingProxyType(
            {
                ALICE: Facts(
                    attributes=record({"age": Unknown("long")}),
                    tags=record({"team": String("x")}, open=True),
                    ancestors=frozenset({ENG}),
                    more=frozenset({"Role"}),
                ),
                EntityUid("User", "ghost"): Facts(attributes=record({"age": Long(3)}), exists=None),
            }
        ),
        unnamed=lambda type_: Facts(
            attributes=record({"name": Unknown("string")}),
            more=frozenset({"Group"}) if type_ == "User" else None,
            exists=True,
        ),
    ),
)

TRUE, FALSE = Folded(Bool(value=True)), Folded(Bool(value=False))
EITHER = Folded(Unknown("bool"))


def either(*errors: str) -> Folded:
    """True or false, or one of these errors."""
    return Folded(Unknown("bool"), frozenset(errors))


def errs(*codes: str) -> Folded:
    """One of these errors, in any case."""
    return Folded(None, frozenset(codes))


def result_of(text: str) -> Folded:
    """What an expression comes to."""
    (policy,) = parse_policies(f"permit(principal, action, resource) when {{ {text} }};")
    return fold_expression(tree_of(policy.est).conditions[0].body, REQUEST)


CASES = {
    # truth values
    "context.bool && false": FALSE,
    "false && context.any": FALSE,
    "context.bool && true": EITHER,
    "context.bool && context.zz": Folded(Bool(value=False), frozenset({"missing_attribute"})),
    "context.any && false": Folded(Bool(value=False), frozenset({"type_error"})),
    "context.bool || true": TRUE,
    "context.bool || 1": Folded(Bool(value=True), frozenset({"type_error"})),
    "context.long && true": errs("type_error"),
    "!context.bool": EITHER,
    "!context.any": either("type_error"),
    "!context.long": errs("type_error"),
    "if context.bool then 1 else 1": Folded(Long(1)),
    "if context.bool then 1 else 2": Folded(Unknown("long")),
    'if context.bool then 1 else "a"': Folded(ANYTHING),
    'if context.bool then User::"a" else User::"b"': Folded(Unknown("entity", "User")),
    'if context.bool then User::"a" else Group::"b"': Folded(Unknown("entity")),
    "if context.bool then context.zz else 1": Folded(Long(1), frozenset({"missing_attribute"})),
    "if context.bool then 1 else context.zz": Folded(Long(1), frozenset({"missing_attribute"})),
    "if context.long then 1 else 2": errs("type_error"),
    # equality
    "context.long == 1": EITHER,
    'context.long == "a"': FALSE,
    'context.long != "a"': TRUE,
    "context.long != 1": EITHER,
    'context.user == Group::"a"': FALSE,
    'context.user == User::"a"': EITHER,
    "context.any == 1": EITHER,
    "context.part == {a: 1, b: 2}": EITHER,
    "context.part == {a: 2, b: 2}": FALSE,
    "context.part == {a: 1}": FALSE,
    "context.odd == {a: 1, c: 2}": EITHER,
    "context.odd == 1": FALSE,
    # numbers and times
    "context.long < 1": EITHER,
    "context.any < 1": either("type_error"),
    "context.any < context.any": either("type_error"),
    "context.when < 1": errs("type_error"),
    'context.when < datetime("2026-01-01")': EITHER,
    'context.any < "a"': errs("type_error"),
    "context.long + 1": Folded(Unknown("long"), frozenset({"overflow"})),
    "context.any * 2": Folded(Unknown("long"), frozenset({"overflow", "type_error"})),
    "context.text - 2": errs("type_error"),
    "-context.long": Folded(Unknown("long"), frozenset({"overflow"})),
    "-context.any": Folded(Unknown("long"), frozenset({"overflow", "type_error"})),
    "-context.text": errs("type_error"),
    # sets
    "[context.long, 1]": Folded(Unknown("set")),
    "[1, 2].contains(context.long)": EITHER,
    '["a"].contains(context.long)': FALSE,
    "[].contains(context.any)": FALSE,
    "context.set.contains(1)": EITHER,
    "context.any.contains(1)": either("type_error"),
    "context.long.contains(1)": errs("type_error"),
    "context.set.containsAll([1])": EITHER,
    "[1].containsAny(context.any)": either("type_error"),
    "[1].containsAny(context.long)": errs("type_error"),
    "context.set.isEmpty()": EITHER,
    # attributes
    "context.any.a": Folded(ANYTHING, frozenset({"type_error", "missing_attribute", "missing_entity"})),
    "context.long.a": errs("type_error"),
    "context.maybe": Folded(Long(2), frozenset({"missing_attribute"})),
    "context.record.a": Folded(ANYTHING, frozenset({"missing_attribute"})),
    "context.odd.c": Folded(ANYTHING, frozenset({"missing_attribute"})),
    "context.part.c": errs("missing_attribute"),
    "context has maybe": EITHER,
    "context has known": TRUE,
    "context has zz": FALSE,
    "context.record has a": EITHER,
    "context.any has a": either("type_error"),
    "context.long has a": errs("type_error"),
    'User::"alice".age': Folded(Unknown("long")),
    'User::"ghost".age': Folded(Long(3), frozenset({"missing_entity"})),
    'User::"ghost" has age': EITHER,
    'User::"ghost" has zz': FALSE,
    'User::"bob".age': errs("missing_entity"),
    'User::"bob" has age': FALSE,
    "principal.name": Folded(Unknown("string")),
    "principal.zz": errs("missing_attribute"),
    # tags
    'User::"alice".getTag("team")': Folded(String("x")),
    'User::"alice".getTag("zz")': Folded(ANYTHING, frozenset({"missing_tag"})),
    'User::"alice".getTag(context.text)': Folded(ANYTHING, frozenset({"missing_tag"})),
    'User::"ghost".getTag(context.text)': Folded(ANYTHING, frozenset({"missing_tag", "missing_entity"})),
    'User::"bob".getTag(context.text)': errs("missing_entity"),
    'User::"alice".getTag(context.long)': errs("type_error"),
    'context.any.getTag("a")': errs("missing_tag", "type_error"),
    'User::"alice".hasTag("team")': TRUE,
    'User::"alice".hasTag(context.any)': either("type_error"),
    'context.long.hasTag("a")': errs("type_error"),
    # types and membership
    "principal is User": TRUE,
    "principal is Group": FALSE,
    "context.entity is User": EITHER,
    "context.any is User": either("type_error"),
    "context.long is User": errs("type_error"),
    'principal is User in Group::"eng"': EITHER,
    "principal is Group in context.zz": FALSE,
    "context.entity is User in context.long": Folded(Bool(value=False), frozenset({"type_error"})),
    'principal in Group::"eng"': EITHER,
    'principal in Role::"x"': FALSE,
    'principal in User::"x"': EITHER,
    'context.entity in Role::"x"': EITHER,
    'User::"alice" in [Role::"x", Group::"eng"]': TRUE,
    'User::"alice" in [Role::"x", Group::"ops"]': EITHER,
    'User::"alice" in Group::"ops"': FALSE,
    'User::"alice" in context.entity': EITHER,
    'User::"alice" in context.set': either("type_error"),
    'User::"alice" in context.any': either("type_error"),
    'User::"alice" in context.long': errs("type_error"),
    'User::"alice" in [1]': errs("type_error"),
    'context.any in Group::"eng"': either("type_error"),
    'context.long in Group::"eng"': errs("type_error"),
    # texts and functions
    'context.text like "a*"': EITHER,
    'context.any like "a*"': either("type_error"),
    'context.long like "a*"': errs("type_error"),
    "ip(context.text)": Folded(Unknown("ipaddr"), frozenset({"extension_error"})),
    "ip(context.any)": Folded(Unknown("ipaddr"), frozenset({"extension_error", "type_error"})),
    "ip(context.long)": errs("type_error"),
    "context.when.toTime()": Folded(Unknown("duration")),
    "ip(context.text, 1)": errs("evaluation_error"),
    'unknown("x")': errs("evaluation_error"),
    # the first certain error ends it; possible ones before it are possible still
    "context.maybe + context.zz": errs("missing_attribute"),
    "{a: context.long, b: 1} has a": TRUE,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=CASES.keys())
def test_a_part_comes_to_everything_it_may_come_to(text: str, expected: Folded) -> None:
    """As much as is certain, and no more."""
    assert result_of(text) == expected


def test_every_node_of_the_tree_is_folded() -> None:
    """A node that is added to the syntax has to be added here."""
    assert frozenset(get_args(Expression)) == NODES


def test_every_function_that_cedar_reads_is_folded() -> None:
    """`unknown` alone isn't: Cedar itself can't evaluate it."""
    assert {*FUNCTIONS} == EXTENSION_FUNCTIONS - {"unknown"} | EXTENSION_METHODS | {"isEmpty"}
    assert fold_expression(Call("nonsense", ()), REQUEST) == errs("evaluation_error")


def test_depth_costs_no_stack() -> None:
    """Cedar reads chains that are longer than Python's calls can nest."""
    chain = " || ".join(["context.bool"] * 290)
    expression: Expression = Value(value=True)
    for _ in range(20_000):
        expression = Call("isEmpty", (expression,))

    assert result_of(chain) == EITHER
    assert fold_expression(expression, REQUEST) == errs("type_error")


POLICIES = {
    "permit(principal, action, resource);": "satisfied",
    "permit(principal is User, action, resource is Tool);": "satisfied",
    "permit(principal is Client, action, resource);": "not_satisfied",
    'permit(principal is Client in ClientGroup::"g", action, resource);': "not_satisfied",
    'permit(principal == User::"a", action, resource);': "depends",
    'permit(principal == Client::"a", action, resource);': "not_satisfied",
    'permit(principal in Role::"a", action, resource);': "not_satisfied",
    'permit(principal is User in Group::"a", action, resource);': "depends",
    'permit(principal, action == Action::"read", resource);': "satisfied",
    'permit(principal, action in [Action::"read", Action::"x"], resource);': "satisfied",
    "permit(principal, action in [], resource);": "not_satisfied",
    "permit(principal == ?principal, action, resource);": "depends",
    "permit(principal, action, resource is User in ?resource);": "not_satisfied",
    "permit(principal, action, resource is Tool in ?resource);": "depends",
    "permit(principal, action, resource) when { context.bool };": "depends",
    "permit(principal, action, resource) when { context.zz };": "errs",
    "permit(principal, action, resource) unless { context.zz };": "errs",
    "permit(principal is Client, action, resource) when { context.zz };": "not_satisfied",
    "permit(principal, action, resource) when { context.maybe == 2 };": "depends",
}


@pytest.mark.parametrize(("text", "expected"), POLICIES.items(), ids=POLICIES.keys())
def test_a_policy_has_one_of_four_outcomes(text: str, expected: str) -> None:
    """Certain, or not."""
    (policy,) = parse_policies(text)
    outcome = fold_policy(tree_of(policy.est), REQUEST)

    assert outcome.certainty == expected
    assert outcome.may_be_satisfied == (expected in ("satisfied", "depends"))
    assert outcome.may_err == (expected == "errs" or "maybe" in text)


def test_nothing_is_known_of_a_request_unless_it_is_said() -> None:
    """The default of every part."""
    (policy,) = parse_policies('permit(principal == User::"a", action, resource) when { context.a };')
    outcome = fold_policy(tree_of(policy.est), PartialRequest())

    assert outcome.certainty == "depends"
    assert outcome.folded.errors == {"missing_attribute", "type_error"}
    assert fold_expression(Variable("?principal"), PartialRequest()) == Folded(Unknown("entity"))
    attribute = GetAttribute(Variable("principal"), "name")
    assert fold_expression(attribute, PartialRequest()) == Folded(
        ANYTHING, frozenset({"missing_attribute", "missing_entity"})
    )


SHOWN: dict[str, tuple[object, str]] = {
    "true": (True, "true"),
    "false": (False, "false"),
    "number": (-7, "-7"),
    "text": ('a"\n\u202e', '"a\\"\\n\\u{202e}"'),
    "entity": ({"__entity": {"type": "User", "id": 'x"'}}, 'User::"x\\""'),
    "set": (["b", "a", "b"], '["a", "b"]'),
    "record": ({"b c": 1, "a": {"x": []}}, '{a: {x: []}, "b c": 1}'),
    "decimal": ({"__extn": {"fn": "decimal", "arg": "-0.5000"}}, 'decimal("-0.5")'),
    "whole decimal": ({"__extn": {"fn": "decimal", "arg": "12.0"}}, 'decimal("12.0")'),
    "address": ({"__extn": {"fn": "ip", "arg": "10.0.0.1"}}, 'ip("10.0.0.1")'),
    "range": ({"__extn": {"fn": "ip", "arg": "::1/8"}}, 'ip("::1/8")'),
    "moment": (
        {"__extn": {"fn": "datetime", "arg": "2026-01-01T01:00:00+0100"}},
        'datetime("2026-01-01T00:00:00.000Z")',
    ),
    "far moment": (
        {
            "__extn": {
                "fn": "offset",
                "args": [
                    {"__extn": {"fn": "datetime", "arg": "1970-01-01"}},
                    {"__extn": {"fn": "duration", "arg": "9223372036854775807ms"}},
                ],
            }
        },
        'datetime("1970-01-01").offset(duration("9223372036854775807ms"))',
    ),
    "length of time": ({"__extn": {"fn": "duration", "arg": "-1s"}}, 'duration("-1000ms")'),
    "a record that looks like an entity": ({"type": "User", "id": "x"}, '{id: "x", type: "User"}'),
    "a record with an entity and more": (
        {"__entity": {"type": "User", "id": "x"}, "y": 1},
        '{__entity: {id: "x", type: "User"}, y: 1}',
    ),
}


@pytest.mark.parametrize(("json", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_a_value_is_shown_as_it_would_be_written(json: object, text: str) -> None:
    """Whatever it holds, it stays one line of plain characters."""
    assert show(read_value(json)) == text


def test_what_is_not_known_is_shown_as_such() -> None:
    """A question mark, an ellipsis."""
    shape: Shape = record({"a": Long(1), "b": ANYTHING}, frozenset({"b"}), open=True)

    assert show(shape) == "{a: 1, b?: ?, …}"
    assert show(CONTEXT.fields["part"]) == "{a: 1, b: ?}"


NO_VALUES = [
    None, 1.0, 2**63, {"__expr": "1"}, {1: 2}, {"a": None}, [None],
    {"__extn": {"fn": "decimal", "arg": "x"}}, {"__extn": {"fn": "nonsense", "arg": "x"}},
    {"__extn": {"fn": "decimal", "arg": 1}},
]  # fmt: skip


@pytest.mark.parametrize("json", NO_VALUES, ids=repr)
def test_what_cedar_could_not_read_is_refused(json: object) -> None:
    """With the error that Cedar's own refusal gives."""
    with pytest.raises(CedarError) as caught:
        read_value(json)

    assert (caught.value.code, caught.value.detail) == ("internal_error", "cedar_request")


@pytest.mark.parametrize("json", [1, [], {1: 2}], ids=repr)
def test_a_context_is_a_record(json: object) -> None:
    """Nothing else is one."""
    with pytest.raises(CedarError):
        read_record(json)


def test_entities_need_a_uid() -> None:
    """Or nothing could refer to them."""
    with pytest.raises(CedarError) as caught:
        KnownEntities.from_json([{"attrs": {}}])

    assert caught.value.detail == "cedar_entities"


def test_fields_of_unknown_entities_are_records() -> None:
    """What the type of `Facts.attributes` says."""
    nothing: Fields = Unknown("record")

    assert Facts(attributes=nothing).is_in(ENG) is False
