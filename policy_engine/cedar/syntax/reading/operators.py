"""Operators: what lark found → expressions with spans."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from lark import Token, Tree

from policy_engine.cedar.syntax.reading.parts import Node, Reader
from policy_engine.cedar.syntax.tree import (
    Binary,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    Unary,
    Value,
)
from policy_engine.cedar.syntax.words import INFIX, MAX_LONG, MOST_SIGNS

__all__ = ["OPERATORS", "Rule"]

Rule = Callable[[Reader, Node, list[Expression]], Expression]
"""Given what lark found, and what was made of the expressions in it."""


def _chain(reader: Reader, node: Node, parts: list[Expression], operators: Iterable[str]) -> Expression:
    first, *others = [part for part in node.children if isinstance(part, Tree)]
    made, *rest = parts
    for operator, part, right in zip(operators, others, rest, strict=True):
        made = reader.checked(node, Binary(INFIX[operator], made, right, span=reader.span(first, part)))
    return made


def _repeated(operator: str) -> Rule:
    return lambda reader, node, parts: _chain(reader, node, parts, [operator] * (len(parts) - 1))


def _written(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    return _chain(reader, node, parts, [str(part) for part in node.children if isinstance(part, Token)])


def _not(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    return _signed(reader, node, "!", parts[0])


def _negative(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    if parts:
        return _signed(reader, node, "neg", parts[0])
    # The sign before a number belongs to it: -9223372036854775808 is one, though 9223372036854775808 isn't.
    *_, sign, digits = node.children
    number = -reader.number(digits, MAX_LONG + 1)
    value = reader.checked(node, Value(number, span=reader.span(sign, digits)))
    return _signed(reader, node, "neg", value, used=1)


def _signed(
    reader: Reader, node: Node, operator: Literal["!", "neg"], made: Expression, *, used: int = 0
) -> Expression:
    signs = node.children[:-1]
    if len(signs) > MOST_SIGNS:
        problem = f"there are more than {MOST_SIGNS} of `{signs[0]}` in a row"
        raise reader.error(signs[MOST_SIGNS], problem, "leave out pairs of them")
    for sign in reversed(signs[: len(signs) - used]):
        made = reader.checked(node, Unary(operator, made, span=reader.span(sign, node)))
    return made


def _if(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    condition, then, otherwise = parts
    return If(condition, then, otherwise, span=reader.span(node))


def _attribute(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    (target,), name = parts, node.children[1]
    return GetAttribute(target, reader.key(name), span=reader.span(node), name_span=reader.span(name))


def _has(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    """A path is the `&&` of its steps; the span of each reaches from the target to the step's own name."""
    (target,), (first, *others) = parts, node.children[2:]
    span, name_span = reader.span(node, first), reader.span(first)
    name = reader.key(first)
    made: Expression = HasAttribute(target, name, span=span, name_span=name_span)
    for part in others:
        reader.checked(node, made)
        target = reader.checked(node, GetAttribute(target, name, span=span, name_span=name_span))
        span, name_span = reader.span(node, part), reader.span(part)
        name = reader.key(part)
        step = reader.checked(node, HasAttribute(target, name, span=span, name_span=name_span))
        made = Binary("&&", made, step, span=span)
    return made


def _like(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    return Like(parts[0], reader.pattern(node.children[2]), span=reader.span(node))


def _is(reader: Reader, node: Node, parts: list[Expression]) -> Expression:
    target, *ancestor = parts
    kind = reader.type(node.children[2])
    return IsType(target, kind, ancestor[0] if ancestor else None, span=reader.span(node))


OPERATORS: Mapping[str, Rule] = MappingProxyType(
    {
        "any_of": _repeated("||"),
        "all_of": _repeated("&&"),
        "product": _repeated("*"),
        "sum": _written,
        "comparison": _written,
        "not_": _not,
        "negative": _negative,
        "if_": _if,
        "attribute": _attribute,
        "index": _attribute,
        "has": _has,
        "like": _like,
        "is_": _is,
    }
)
