"""Schemas that hold together (`allOf`, `$ref` and its neighbours), and schemas of which one holds (`anyOf`).

To meet is exact. To join is exact too, or says that it can't tell: what it allowed beyond its branches would
be accepted though no branch accepts it.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from policy_engine.mcp.argument_types import MISSING
from policy_engine.mcp.json_schema.nodes import (
    ANYTHING,
    CONFLICT,
    FREE,
    KINDS,
    NOTHING,
    Constraint,
    Items,
    Node,
    Shape,
    Unknown,
    Values,
    unknown,
)

__all__ = ["join", "meet"]

Spend = Callable[[int], None]
"""Takes the number of members that are looked at: a few schemas can make many of them meet."""

_SHAPES = "it may have several shapes"
_ALTERNATIVE = "it is described in some alternatives only"


def meet(one: Node, other: Node, spend: Spend) -> Node:
    """What both allow."""
    if one is ANYTHING or other is ANYTHING:
        return other if one is ANYTHING else one
    kinds = {
        kind: met
        for kind, constraint in one.kinds.items()
        if kind in other.kinds and (met := _meet(constraint, other.kinds[kind], spend)) is not None
    }
    return Node(kinds, one.reason or other.reason, _default((one.default, other.default)))


def join(nodes: Sequence[Node]) -> Node:
    """What at least one of them allows."""
    kinds = {
        kind: _join([node.kinds[kind] for node in nodes if kind in node.kinds])
        for kind in KINDS
        if any(kind in node.kinds for node in nodes)
    }
    reason = next((node.reason for node in nodes if node.reason is not None), None)
    return Node(kinds, reason, _default(node.default for node in nodes))


def _meet(one: Constraint, other: Constraint, spend: Spend) -> Constraint | None:
    """What both allow of one kind; None for nothing."""
    if isinstance(one, Values) and isinstance(other, Values):
        return _meet_values(one, other)
    if isinstance(one, Items) and isinstance(other, Items):
        if one.element is None or other.element is None:
            return other if one.element is None else one
        return Items(meet(one.element, other.element, spend))
    if isinstance(one, Shape) and isinstance(other, Shape):
        return _meet_shapes(one, other, spend)
    return one if isinstance(one, Unknown) else other


def _meet_values(one: Values, other: Values) -> Values | None:
    if one is FREE or other is FREE:
        return other if one is FREE else one
    whole = one.whole or other.whole
    choices = one.choices if other.choices is None else other.choices
    if choices is None:
        return Values(whole=whole)
    if one.choices is not None:
        choices = frozenset(choice for choice in one.choices if choice in choices)
    if whole:
        choices = frozenset(choice for choice in choices if choice == int(choice))
    return Values(choices, whole) if choices else None


def _meet_shapes(one: Shape, other: Shape, spend: Spend) -> Shape:
    spend(len(one.members) + len(other.members))
    # Whichever says nothing of other members lets the other one describe them.
    members = {
        name: meet(_member(one, name), _member(other, name), spend)
        for name in {**one.members, **other.members}
    }
    rest = other.rest if one.rest is None else one.rest
    if one.rest is not None and other.rest is not None:
        rest = meet(one.rest, other.rest, spend)
    described = any(shape.members and shape.reason is None for shape in (one, other))
    reason = None if described else one.reason or other.reason
    return Shape(members, one.required | other.required, rest, reason)


def _member(shape: Shape, name: str) -> Node:
    found = shape.members.get(name)
    if found is not None:
        return found
    return ANYTHING if shape.rest is None else shape.rest


def _join(constraints: Sequence[Constraint]) -> Constraint:
    """What at least one of them, all of one kind, allows."""
    first = constraints[0]
    if len(constraints) == 1 or isinstance(first, Unknown):
        return first
    unknown_ = next((each for each in constraints if isinstance(each, Unknown)), None)
    if unknown_ is not None:
        return unknown_
    values = [each for each in constraints if isinstance(each, Values)]
    if values:
        return _join_values(values)
    if all(each == first for each in constraints):
        return first
    items = [each for each in constraints if isinstance(each, Items)]
    return _join_items(items) if items else _join_shapes(_shapes(constraints))


def _join_values(values: Sequence[Values]) -> Values | Unknown:
    if any(each.choices is None and not each.whole for each in values):
        return FREE
    listed = frozenset(choice for each in values for choice in each.choices or ())
    if all(each.choices is not None for each in values):
        return Values(listed, whole=all(each.whole for each in values))
    if all(choice == int(choice) for choice in listed):
        return Values(whole=True)
    return Unknown("it may be an integer, or some other numbers")


def _join_items(items: Sequence[Items]) -> Items | Unknown:
    elements = [each.element for each in items if each.element is not None]
    if len(elements) < len(items):
        return Items()
    joined = join(elements)
    # An array of one or an array of the other is no array of both, unless one of them holds the other.
    return Items(joined) if joined in elements else Unknown("it may be one of several arrays")


def _join_shapes(shapes: Sequence[Shape]) -> Shape:
    """Their names, so that they aren't unknown; what they are, only beside a schema that says so."""
    members = {name: unknown(_ALTERNATIVE) for shape in shapes for name in shape.members}
    for shape in shapes:
        for name, member in shape.members.items():
            if member.default is not MISSING:
                members[name] = Node(members[name].kinds, _ALTERNATIVE, CONFLICT)
    rest: Node | None = unknown(_ALTERNATIVE)
    if all(shape.rest is NOTHING for shape in shapes):
        rest = NOTHING
    elif all(shape.rest is None or shape.rest is NOTHING for shape in shapes):
        rest = None
    required = frozenset.intersection(*(shape.required for shape in shapes))
    return Shape(members, required, rest, _SHAPES)


def _shapes(constraints: Iterable[Constraint]) -> list[Shape]:
    return [each for each in constraints if isinstance(each, Shape)]


def _default(defaults: Iterable[Any]) -> Any:  # noqa: ANN401 -- JSON
    """The one default that there is."""
    stated = [default for default in defaults if default is not MISSING]
    if not stated:
        return MISSING
    if len(stated) == 1:
        return stated[0]
    if any(default is CONFLICT for default in stated):
        return CONFLICT
    # By their text: `1` and `true` are equal to Python.
    texts = {json.dumps(default, sort_keys=True) for default in stated}
    return stated[0] if len(texts) == 1 else CONFLICT
