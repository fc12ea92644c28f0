"""Cedar's JSON → tree, and what isn't Cedar's JSON."""

import pytest

from policy_engine.cedar import CedarError, parse_policies
from policy_engine.cedar.syntax import (
    WILDCARD,
    Binary,
    Call,
    Condition,
    EntityLiteral,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    PolicyTree,
    RecordLiteral,
    ScopeClause,
    SetLiteral,
    Unary,
    Value,
    Variable,
    read_tree,
    to_json,
    tree_of,
)
from policy_engine.model import CedarJson, EntityUid

ANY: CedarJson = {
    "effect": "permit",
    "principal": {"op": "All"},
    "action": {"op": "All"},
    "resource": {"op": "All"},
    "conditions": [],
}
GROUP = EntityLiteral(EntityUid("Group", "g"))


def test_a_policy_is_read_whole() -> None:
    """Effect, annotations, scope and conditions, from text and from JSON alike."""
    text = (
        '@id("a") @bare forbid (principal is N::User in Group::"g", action in [Action::"a", Action::"b"], '
        'resource == ?resource) when { context.a < -1 && [principal] has b } unless { if !true then {"c": 1} '
        'else -context.d like "e*\\*f" } when { action is Action && resource is Tool in Group::"g" || '
        'ip("1").isInRange(context.x.isEmpty()) };'
    )
    context = Variable("context")
    expected = PolicyTree(
        effect="forbid",
        annotations={"id": "a", "bare": ""},
        principal=ScopeClause(variable="principal", operator="is in", entities=(GROUP,), type="N::User"),
        action=ScopeClause(
            variable="action",
            operator="in",
            entities=(EntityLiteral(EntityUid("Action", "a")), EntityLiteral(EntityUid("Action", "b"))),
        ),
        resource=ScopeClause(variable="resource", operator="==", slot="?resource"),
        conditions=(
            Condition(
                kind="when",
                body=Binary(
                    "&&",
                    Binary("<", GetAttribute(context, "a"), Value(-1)),
                    HasAttribute(SetLiteral((Variable("principal"),)), "b"),
                ),
            ),
            Condition(
                kind="unless",
                body=If(
                    Unary("!", Value(value=True)),
                    RecordLiteral((("c", Value(1)),)),
                    Like(Unary("neg", GetAttribute(context, "d")), ("e", WILDCARD, "*f")),
                ),
            ),
            Condition(
                kind="when",
                body=Binary(
                    "||",
                    Binary(
                        "&&",
                        IsType(Variable("action"), "Action"),
                        IsType(Variable("resource"), "Tool", GROUP),
                    ),
                    Call(
                        "isInRange",
                        (Call("ip", (Value("1"),)), Call("isEmpty", (GetAttribute(context, "x"),))),
                    ),
                ),
            ),
        ),
    )
    (policy,) = parse_policies(text)

    assert tree_of(policy.est) == expected
    assert read_tree(text) == expected
    assert to_json(expected) == policy.est


def test_a_number_is_no_truth_value() -> None:
    """Python takes `1` for `True`; Cedar doesn't."""
    assert Value(1) != Value(value=True)
    assert Value(0) != Value(value=False)
    assert len({Value(1), Value(value=True), Value(1)}) == 2
    assert Value(1) != 1


def test_a_record_has_no_order() -> None:
    """Cedar's JSON has the order of the names, the text that of its author."""
    one, two = ("a", Value(1)), ("b", Value(2))

    assert RecordLiteral((one, two)) == RecordLiteral((two, one))
    assert len({RecordLiteral((one, two)), RecordLiteral((two, one))}) == 1
    assert RecordLiteral((one,)) != RecordLiteral((one, two))
    assert RecordLiteral((one,)) != one


def test_a_slot_in_a_condition_is_read() -> None:
    """The format has it, though Cedar refuses it in text."""
    est = {**ANY, "conditions": [{"kind": "when", "body": {"Slot": "?principal"}}]}

    assert to_json(tree_of(est)) == est


BODIES: list[object] = [
    {"nope": []},
    {},
    {"Value": None},
    {"Value": 1.5},
    {"Value": {"__extn": {}}},
    {"Var": "context", "Value": 1},
    {"&&": {"left": {"Value": True}}},
    {"if-then-else": {"if": {"Value": True}}},
    {"like": {"left": {"Value": "a"}, "pattern": [{}]}},
    [],
    "context",
]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {**ANY, "principal": {"op": "=="}, "conditions": None},
        {**ANY, "principal": []},
        *({**ANY, "conditions": [{"kind": "when", "body": body}]} for body in BODIES),
    ],
)
def test_json_of_an_unknown_shape_is_a_fault(wrong: CedarJson) -> None:
    """A later Cedar may write what this version doesn't know: better no tree than a wrong one."""
    with pytest.raises(CedarError) as caught:
        tree_of(wrong)

    assert caught.value.detail == "cedar_answer"
