"""What of a request's type a policy looks at: paths in its context, and actions that it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from policy_engine.cedar import (
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    PolicyTree,
    Variable,
    children,
)

__all__ = ["Reading", "Readings", "context_path", "readings_of"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A path in the context.

    Attributes:
        path: the names, from `context` on; none where the whole is meant.
        way: `value`: what is there is used; `presence`: it is only asked whether it is there.
    """

    path: tuple[str, ...]
    way: Literal["value", "presence"]


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything that conditions look at.

    Attributes:
        paths: in the context.
        actions: ids of actions that they name.
    """

    paths: frozenset[Reading]
    actions: frozenset[str]


def readings_of(tree: PolicyTree) -> Readings:
    """What the conditions of a policy look at."""
    found = [item for condition in tree.conditions for item in _found(condition.body)]
    return Readings(
        paths=frozenset(item for item in found if isinstance(item, Reading)),
        actions=frozenset(item for item in found if isinstance(item, str)),
    )


def context_path(node: Expression) -> tuple[str, ...] | None:
    """The names from `context` to what is read; None for anything else."""
    if isinstance(node, HasAttribute):
        return None
    base, path = _path(node)
    return path if base == Variable("context") else None


def _found(root: Expression) -> Iterator[Reading | str]:
    rest = [root]
    while rest:
        node = rest.pop()
        if isinstance(node, EntityLiteral):
            if node.uid.type == "Action":
                yield node.uid.id
        elif isinstance(node, Variable | GetAttribute | HasAttribute):
            base, path = _path(node)
            if base == Variable("context"):
                yield Reading(path, "presence" if isinstance(node, HasAttribute) else "value")
            elif path:
                rest.append(base)
        else:
            rest += children(node)


def _path(node: Expression) -> tuple[Expression, tuple[str, ...]]:
    """Where a chain of attributes begins, and its names."""
    names: list[str] = []
    while isinstance(node, GetAttribute | HasAttribute):
        if isinstance(node, HasAttribute) and names:  # `(x has a).b`: its truth is what has no attribute
            break
        names.append(node.name)
        node = node.target
    return node, tuple(reversed(names))
