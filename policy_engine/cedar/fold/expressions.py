"""The fold itself: an expression and what is known go in, everything that it may come to comes out.

What is known in full gives Cedar's own result. Where something isn't known, the result covers every way to
fill it in: whatever Cedar would then say is among its values and errors. It may cover more than that: two
occurrences of one unknown aren't held to be equal.

Expressions nest deeper than Python's calls can. So each node is a generator, which asks for the results of
its parts in the order in which Cedar evaluates them, and one loop runs them all.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, assert_never

from policy_engine.cedar.fold.access import get_attribute, has_attribute, is_in, is_type
from policy_engine.cedar.fold.extensions import call
from policy_engine.cedar.fold.operators import BINARY, negative
from policy_engine.cedar.fold.patterns import matches
from policy_engine.cedar.fold.request import PartialRequest
from policy_engine.cedar.fold.result import (
    Folded,
    as_truth,
    conjunction,
    disjunction,
    error,
    negation,
    of,
    truth,
)
from policy_engine.cedar.fold.shapes import PartialRecord, Shape, Unknown, join, record
from policy_engine.cedar.fold.values import Bool, CedarValue, Entity, Long, SetOf, String
from policy_engine.cedar.syntax import (
    Binary,
    Call,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    RecordLiteral,
    SetLiteral,
    Unary,
    Value,
    Variable,
)

__all__ = ["NODES", "fold_expression"]

Steps = Generator[Expression, Folded, Folded]
"""Asks for the results of parts, and returns that of the whole."""

Told = Callable[[Expression, Folded], None]


def fold_expression(expression: Expression, request: PartialRequest, told: Told | None = None) -> Folded:
    """Everything that an expression may come to.

    Args:
        expression: a part of a policy.
        request: what is known of the request and its entities.
        told: is told of each part that was looked at, innermost first, and what it came to; of literals and
            variables it isn't told.
    """
    running = [_whole(expression)]
    result: Folded | None = None  # of the part that was asked for last; None where one has yet to begin
    while True:
        try:
            part = next(running[-1]) if result is None else running[-1].send(result)
        except StopIteration as end:
            value: Folded = end.value
            running.pop()
            if not running:
                return value
            result = value
        else:
            leaf = _LEAVES.get(type(part))
            result = None if leaf is None else of(leaf(part, request))
            if leaf is None:
                steps = _NODES[type(part)](part, request)
                running.append(steps if told is None else _telling(part, steps, told))


def _telling(part: Expression, steps: Steps, told: Told) -> Steps:
    result = yield from steps
    told(part, result)
    return result


def _whole(expression: Expression) -> Steps:
    return (yield expression)


def _strict(parts: Iterable[Expression], compute: Callable[..., Folded]) -> Steps:
    """A node that needs the values of all its parts: the first that errs is its error."""
    values: list[Shape] = []
    errors: frozenset[str] = frozenset()
    for part in parts:
        result = yield part
        errors |= result.errors
        if result.value is None:
            return Folded(None, errors)
        values.append(result.value)
    return compute(*values).after(errors)


def _value(node: Value, _request: PartialRequest) -> CedarValue:
    match node.value:
        case bool():
            return Bool(node.value)
        case int():
            return Long(node.value)
        case str():
            return String(node.value)
        case _:
            assert_never(node.value)


def _entity(node: EntityLiteral, _request: PartialRequest) -> CedarValue:
    return Entity(node.uid)


def _variable(node: Variable, request: PartialRequest) -> Shape:
    return request.variable(node.name)


def _set(node: SetLiteral, _request: PartialRequest) -> Steps:
    return _strict(node.items, _set_of)


def _set_of(*items: Shape) -> Folded:
    known = [item for item in items if not isinstance(item, Unknown | PartialRecord)]
    return of(SetOf(frozenset(known)) if len(known) == len(items) else Unknown("set"))


def _record(node: RecordLiteral, _request: PartialRequest) -> Steps:
    # Cedar keeps fields in the order of their names, and evaluates them in it.
    fields = sorted(node.fields, key=lambda field: field[0])
    names = [name for name, _ in fields]

    def record_of(*values: Shape) -> Folded:
        return of(record(dict(zip(names, values, strict=True))))

    return _strict([value for _, value in fields], record_of)


def _unary(node: Unary, _request: PartialRequest) -> Steps:
    match node.operator:
        case "!":
            return negation((yield node.operand))
        case "neg":
            return (yield from _strict([node.operand], negative))
        case _:
            assert_never(node.operator)


def _binary(node: Binary, request: PartialRequest) -> Steps:
    if node.operator in ("&&", "||"):
        return _shortcut(node)
    return _strict((node.left, node.right), partial(BINARY[node.operator], request))


def _shortcut(node: Binary) -> Steps:
    left = as_truth((yield node.left))
    settled = node.operator == "||"
    if left.value is None or left.holds is settled:
        return left
    right = yield node.right
    return disjunction(left, right) if settled else conjunction(left, right)


def _if(node: If, _request: PartialRequest) -> Steps:
    condition = as_truth((yield node.condition))
    if condition.value is None:
        return condition
    if condition.holds is not None:
        chosen = yield (node.then if condition.holds else node.otherwise)
        return chosen.after(condition.errors)
    then, otherwise = (yield node.then), (yield node.otherwise)
    return Folded(join(then.value, otherwise.value), condition.errors | then.errors | otherwise.errors)


def _get_attribute(node: GetAttribute, request: PartialRequest) -> Steps:
    return _strict([node.target], partial(get_attribute, request, node.name))


def _has_attribute(node: HasAttribute, request: PartialRequest) -> Steps:
    return _strict([node.target], partial(has_attribute, request, node.name))


def _like(node: Like, _request: PartialRequest) -> Steps:
    return _strict([node.target], partial(_is_like, node.pattern))


def _is_like(pattern: tuple[str | None, ...], target: Shape) -> Folded:
    match target:
        case String():
            return truth(matches(pattern, target.value))
        case Unknown(kind="string"):
            return truth(None)
        case Unknown(kind=None):
            return truth(None).after(frozenset({"type_error"}))
        case _:
            return error("type_error")


def _is_type(node: IsType, request: PartialRequest) -> Steps:
    """`target is T in a` means `target is T && target in a`."""
    typed = yield from _strict([node.target], partial(is_type, node.type))
    if node.ancestor is None or typed.value is None or typed.holds is False:
        return typed
    within = yield from _strict([node.target, node.ancestor], partial(is_in, request))
    return conjunction(typed, within)


def _call(node: Call, _request: PartialRequest) -> Steps:
    return _strict(node.arguments, partial(call, node.function))


_LEAVES: Mapping[type, Callable[[Any, PartialRequest], Shape]] = MappingProxyType(
    {Value: _value, EntityLiteral: _entity, Variable: _variable}
)
_NODES: Mapping[type, Callable[[Any, PartialRequest], Steps]] = MappingProxyType(
    {
        SetLiteral: _set,
        RecordLiteral: _record,
        Unary: _unary,
        Binary: _binary,
        If: _if,
        GetAttribute: _get_attribute,
        HasAttribute: _has_attribute,
        Like: _like,
        IsType: _is_type,
        Call: _call,
    }
)

NODES = frozenset({*_LEAVES, *_NODES})
"""The nodes that can be folded: all that there are."""
