"""Through a tree without recursion, so that no depth can exhaust the stack."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, assert_never

from policy_engine.cedar.syntax.tree import (
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

__all__ = ["build_up", "children", "walk"]

Source = TypeVar("Source")
Built = TypeVar("Built")


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly within one, in the order of the text."""
    match node:
        case Value() | EntityLiteral() | Variable():
            return ()
        case SetLiteral(items):
            return items
        case RecordLiteral(fields):
            return tuple(value for _, value in fields)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case GetAttribute(target) | HasAttribute(target) | Like(target):
            return (target,)
        case IsType(target, ancestor=ancestor):
            return (target,) if ancestor is None else (target, ancestor)
        case Call(arguments=arguments):
            return arguments
        case _:
            assert_never(node)


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and all that are within it, outer before inner, left before right."""
    rest = [node]
    while rest:
        node = rest.pop()
        yield node
        rest.extend(reversed(children(node)))


def build_up(
    root: Source,
    parts: Callable[[Source], Sequence[Source]],
    make: Callable[[Source, list[Built]], Built],
) -> Built:
    """Make one value of a nested one, innermost parts first.

    Args:
        root: where to begin.
        parts: what is directly within.
        make: given an item, and what was made of its parts in their order.
    """
    order: list[tuple[Source, int]] = []
    rest = [root]
    while rest:
        item = rest.pop()
        within = parts(item)
        order.append((item, len(within)))
        rest.extend(within)
    built: list[Built] = []
    for item, count in reversed(order):
        start = len(built) - count
        built[start:] = [make(item, built[start:])]
    return built[0]
