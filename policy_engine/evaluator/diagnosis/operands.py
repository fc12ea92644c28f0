"""Operands that an operator, a method or a function doesn't take."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import (
    Binary,
    Call,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    SetLiteral,
    Unary,
    Value,
)
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.diagnosis.literals import example_of, rewritten
from policy_engine.evaluator.diagnosis.ordering import ORDERING, order
from policy_engine.evaluator.inference import (
    CONSTRUCTORS,
    LONG,
    STRING,
    EntityOf,
    Fault,
    Plain,
    SetOf,
    as_authors_say,
)

__all__ = ["unexpected"]

Words = tuple[str, str]
"""What is taken there, and what to write."""

_NO_ATTRIBUTES = "only records and entities have attributes"
_METHODS = frozenset({"contains", "containsAll", "containsAny", "isEmpty"})


def unexpected(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of one operand."""
    fault = faults[0]
    if isinstance(fault.within, Binary) and fault.within.operator in ORDERING:
        return order(case, faults, fault.within)
    words = _truth if fault.within is None else _WORDS[type(fault.within)]
    takes, advice = words(case, fault, fault.within)
    problem = f"{case.said(fault.node, fault.types[0])}: {takes}"
    where, other = case.only_in(faults)
    return Complaint(fault.node.span, f"{problem}{where}", other or advice)


def _truth(case: Case, fault: Fault, _: Any) -> Words:  # noqa: ANN401 -- any operation
    takes = "this has to be true or false"
    text, seen = case.text(fault.node), fault.types[0]
    if isinstance(fault.node, Value):
        return takes, "compare something with it"
    if isinstance(seen, SetOf):
        return takes, f"ask it: `{text}.contains(…)`"
    example = example_of(seen)
    return takes, "ask one of its attributes" if example is None else f"compare it: `{text} == {example}`"


def _unary(case: Case, fault: Fault, node: Unary) -> Words:
    return _truth(case, fault, node) if node.operator == "!" else _arithmetic(case, fault, node)


def _arithmetic(_: Case, fault: Fault, __: Any) -> Words:  # noqa: ANN401 -- any operation
    return "only integers are counted with", rewritten(fault.node, LONG) or "leave it out"


def _binary(case: Case, fault: Fault, node: Binary) -> Words:
    return _OPERATORS[node.operator](case, fault, node)


def _in(case: Case, fault: Fault, node: Binary) -> Words:
    takes = "`in` is for entities and their groups"
    left, right = case.text(node.left), case.text(node.right)
    if isinstance(node.right, SetLiteral) and case.type_of(node.left, fault) == STRING:
        return takes, f"ask the set: `{right}.contains({left})`"
    if fault.node is node.right:
        return takes, rewritten(node.right, EntityOf("Group")) or "name a group, or a set of entities"
    if isinstance(case.type_of(node.right, fault), SetOf):
        return takes, f"ask the set: `{right}.contains({left})`"
    return takes, f"compare a value with `==`, or ask an entity: `principal in {right}`"


def _set(case: Case, fault: Fault, node: Binary) -> Words:
    takes = f"`.{node.operator}` is for sets"
    left, right = case.text(node.left), case.text(node.right)
    if fault.node is node.right:
        return takes, f"write a set: `{left}.{node.operator}([{right}])`"
    if fault.types[0] == STRING and isinstance(node.right, Value):
        return (
            takes,
            f'compare it: `{left} == {right}`, or a part of it: `{left} like "*{node.right.value}*"`',
        )
    if isinstance(fault.types[0], EntityOf):
        return takes, f'ask whether it is in a group: `{left} in Group::"…"`'
    return takes, f"compare it: `{left} == …`"


def _tag(_: Case, fault: Fault, node: Binary) -> Words:
    if fault.node is node.left:
        return "only entities have tags", "ask `principal` or `resource`"
    return "a tag's name is a String", rewritten(fault.node, STRING) or "name the tag"


def _like(case: Case, fault: Fault, _: Any) -> Words:  # noqa: ANN401 -- see the table
    takes, text, seen = "`like` is for Strings", case.text(fault.node), fault.types[0]
    if isinstance(seen, SetOf):
        return takes, f'ask for one element: `{text}.contains("…")`'
    if isinstance(seen, EntityOf):
        return takes, "ask an attribute, or whether it is in a group"
    example = example_of(seen)
    return takes, "ask one of its attributes" if example is None else f"compare it: `{text} == {example}`"


def _is(_: Case, fault: Fault, node: IsType) -> Words:
    if fault.node is node.ancestor:
        return "`in` is for entities and their groups", "name a group"
    return "`is` asks for the type of an entity", "compare a value with `==`"


def _has(_: Case, __: Fault, ___: Any) -> Words:  # noqa: ANN401 -- see the table
    return _NO_ATTRIBUTES, "ask the record that it is in"


def _attribute(case: Case, fault: Fault, node: GetAttribute) -> Words:
    text = case.text(fault.node)
    if node.name in _METHODS:
        inside = "" if node.name == "isEmpty" else "…"
        return _NO_ATTRIBUTES, f"`.{node.name}` is a method: `{text}.{node.name}({inside})`"
    return _NO_ATTRIBUTES, f"compare it as a whole: `{text} == …`"


def _call(case: Case, fault: Fault, node: Call) -> Words:
    wanted = Plain(fault.wanted)
    name = node.function
    if name == "isEmpty":
        return "`.isEmpty` is for sets", f'compare it: `{case.text(fault.node)} == ""`'
    if name in CONSTRUCTORS:
        return f"`{name}` takes a text", rewritten(fault.node, CONSTRUCTORS[name].gives) or "write it out"
    takes = f"`.{name}` takes {as_authors_say(wanted)}"
    if fault.node is node.arguments[0] and fault.types[0] == LONG and name in _SIGNS:
        number = case.text(node.arguments[1])
        return (
            takes,
            f"compare integers with `{_SIGNS[name]}`: `{case.text(fault.node)} {_SIGNS[name]} {number}`",
        )
    return takes, rewritten(fault.node, wanted) or f"write one such as `{example_of(wanted)}`"


_SIGNS: Mapping[str, str] = MappingProxyType(
    {"lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">", "greaterThanOrEqual": ">="}
)

_OPERATORS: Mapping[str, Callable[[Case, Fault, Binary], Words]] = MappingProxyType(
    {
        **dict.fromkeys(("&&", "||"), _truth),
        **dict.fromkeys(("+", "-", "*"), _arithmetic),
        **dict.fromkeys(("contains", "containsAll", "containsAny"), _set),
        **dict.fromkeys(("getTag", "hasTag"), _tag),
        "in": _in,
    }
)

_WORDS: Mapping[type[Expression], Callable[[Case, Fault, Any], Words]] = MappingProxyType(
    {
        If: _truth,
        Unary: _unary,
        Binary: _binary,
        Like: _like,
        IsType: _is,
        HasAttribute: _has,
        GetAttribute: _attribute,
        Call: _call,
    }
)
