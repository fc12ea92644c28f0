"""An expression as a value made of terms; a table, a row a kind of node, and no row is not followed."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, assert_never

from policy_engine.cedar import (
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
    children,
)
from policy_engine.review.symbolic.encoding.access import get_attribute, has_attribute, is_like, is_type
from policy_engine.review.symbolic.encoding.extensions import call
from policy_engine.review.symbolic.encoding.operators import binary, choice, unary
from policy_engine.review.symbolic.encoding.results import UNENCODED, Result, of
from policy_engine.review.symbolic.encoding.sets import record_literal, set_literal
from policy_engine.review.symbolic.simplify import constant
from policy_engine.review.symbolic.values import EntityValue, Scalar
from policy_engine.review.symbolic.world import World

__all__ = ["Steps", "encode_steps", "parts_of", "steps_of"]

Encoder = Callable[..., Result]
"""Takes the world, a node, and what its parts came to."""

Steps = tuple[tuple[Expression, Encoder, int], ...]
"""An expression, innermost parts first: each node, what encodes it, and how many parts it has."""


def steps_of(expression: Expression) -> Steps:
    """What there is to do to encode an expression; any depth is fine."""
    return tuple(_steps(expression))


def _steps(expression: Expression) -> Iterator[tuple[Expression, Encoder, int]]:
    order: list[tuple[Expression, int]] = []
    rest = [expression]
    while rest:
        node = rest.pop()
        within = parts_of(node)
        order.append((node, len(within)))
        rest.extend(within)
    for node, count in reversed(order):
        yield node, _NODES.get(type(node), _unknown), count


def parts_of(node: Expression) -> tuple[Expression, ...]:
    """What is directly within a node; of a kind that isn't known, nothing is."""
    return children(node) if type(node) in _NODES else ()


def encode_steps(steps: Steps, world: World) -> Result:
    """What an expression comes to."""
    built: list[Result] = []
    for node, encoder, count in steps:
        if count == 0:
            built.append(encoder(world, node))
        else:
            parts = built[-count:]
            del built[-count:]
            built.append(encoder(world, node, *parts))
    return built[0]


def _unknown(_world: World, _node: Expression, *_parts: Result) -> Result:
    return UNENCODED


def _value(_world: World, node: Value) -> Result:
    match node.value:
        case bool():
            return of(Scalar("Bool", constant(node.value)))
        case int():
            return of(Scalar("Long", constant(node.value)))
        case str():
            return of(Scalar("String", constant(node.value)))
        case _:
            assert_never(node.value)


def _entity(world: World, node: EntityLiteral) -> Result:
    return of(EntityValue(node.uid.type, constant(world.ids.number(node.uid.id))))


def _variable(world: World, node: Variable) -> Result:
    match node.name:
        case "principal":
            return of(world.principal)
        case "action":
            return of(world.action)
        case "resource":
            return of(world.resource)
        case "context":
            return of(world.context)
        case _:
            return UNENCODED


_NODES: Mapping[type[Any], Encoder] = MappingProxyType(
    {
        Value: _value,
        EntityLiteral: _entity,
        Variable: _variable,
        SetLiteral: set_literal,
        RecordLiteral: record_literal,
        Unary: unary,
        Binary: binary,
        If: choice,
        GetAttribute: get_attribute,
        HasAttribute: has_attribute,
        Like: is_like,
        IsType: is_type,
        Call: call,
    }
)
