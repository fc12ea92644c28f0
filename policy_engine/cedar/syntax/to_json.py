"""Tree → Cedar's JSON policy format: the inverse of `from_json`."""

from typing import Any, assert_never

from policy_engine.cedar.syntax.traversal import build_up, children
from policy_engine.cedar.syntax.tree import (
    WILDCARD,
    Binary,
    Call,
    EntityLiteral,
    Expression,
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
)
from policy_engine.cedar.syntax.words import IS_EMPTY
from policy_engine.model import CedarJson

__all__ = ["to_json"]


def to_json(tree: PolicyTree) -> CedarJson:
    """What Cedar writes for a policy that has this tree.

    An annotation without a value and one with the value "" are one and the same to Cedar, and to the tree;
    both are written as the former.
    """
    est: CedarJson = {
        "effect": tree.effect,
        "principal": _clause(tree.principal),
        "action": _clause(tree.action),
        "resource": _clause(tree.resource),
        "conditions": [
            {"kind": condition.kind, "body": build_up(condition.body, children, _write)}
            for condition in tree.conditions
        ],
    }
    if tree.annotations:
        est["annotations"] = {name: value or None for name, value in tree.annotations.items()}
    return est


def _clause(clause: ScopeClause) -> CedarJson:
    match clause.operator:
        case "all":
            return {"op": "All"}
        case "is":
            return {"op": "is", "entity_type": clause.type}
        case "is in":
            return {"op": "is", "entity_type": clause.type, "in": _reference(clause)}
        case _:
            return {"op": clause.operator, **_reference(clause)}


def _reference(clause: ScopeClause) -> CedarJson:
    if clause.slot is not None:
        return {"slot": clause.slot}
    uids = [literal.uid.to_json() for literal in clause.entities]
    return {"entity": uids[0]} if len(uids) == 1 else {"entities": uids}


def _write(node: Expression, parts: list[Any]) -> CedarJson:  # noqa: C901, PLR0912 -- one short case a node
    match node:
        case Value(value):
            return {"Value": value}
        case EntityLiteral(uid):
            return {"Value": {"__entity": uid.to_json()}}
        case Variable(name):
            return {"Slot" if name.startswith("?") else "Var": name}
        case SetLiteral():
            return {"Set": parts}
        case RecordLiteral(fields):
            return {"Record": {name: part for (name, _), part in zip(fields, parts, strict=True)}}
        case Unary(operator):
            return {operator: {"arg": parts[0]}}
        case Binary(operator):
            return {operator: {"left": parts[0], "right": parts[1]}}
        case If():
            return {"if-then-else": dict(zip(("if", "then", "else"), parts, strict=True))}
        case GetAttribute(name=name):
            return {".": {"left": parts[0], "attr": name}}
        case HasAttribute(name=name):
            return {"has": {"left": parts[0], "attr": name}}
        case Like(pattern=pattern):
            return {"like": {"left": parts[0], "pattern": _pattern(pattern)}}
        case IsType(type=kind):
            within = {} if node.ancestor is None else {"in": parts[1]}
            return {"is": {"left": parts[0], "entity_type": kind, **within}}
        case Call(function):
            return {function: {"arg": parts[0]} if function == IS_EMPTY else parts}
        case _:
            assert_never(node)


def _pattern(pattern: tuple[str | None, ...]) -> list[Any]:
    # Cedar writes each character by itself.
    pieces: list[Any] = []
    for piece in pattern:
        pieces += ["Wildcard"] if piece is WILDCARD else [{"Literal": char} for char in piece]
    return pieces
