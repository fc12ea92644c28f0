"""What policies compare with: values that make a difference, by the path that is compared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from policy_engine.cedar import (
    Binary,
    Call,
    Decimal,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    Like,
    PartialRequest,
    PolicyTree,
    SetLiteral,
    Value,
    Variable,
    fold_expression,
    walk,
)
from policy_engine.model import EntityUid

__all__ = ["ABSENT", "Interesting", "Path", "interesting"]

Path = tuple[str, ...]
"""Members of the context, from the outermost on."""

ABSENT = object()
"""A member that isn't there."""

_UNITS = 10_000
_OTHER = "~"
_FILLING = ("x", "")


@dataclass(frozen=True, slots=True)
class Interesting:
    """What policies name.

    Attributes:
        values: by path, values that something is compared with, and their neighbours.
        entities: every entity that is named, of heads too.
    """

    values: dict[Path, list[Any]] = field(default_factory=dict)
    entities: list[EntityUid] = field(default_factory=list)

    def add(self, path: Path, *values: Any) -> None:  # noqa: ANN401 -- JSON
        """Values of one path, each once."""
        known = self.values.setdefault(path, [])
        # To Python, 1 == True.
        shown = {(type(value), repr(value)) for value in known}
        known += [value for value in values if (type(value), repr(value)) not in shown]


def interesting(trees: Iterable[PolicyTree]) -> Interesting:
    """What some policies name."""
    found = Interesting()
    uids: dict[EntityUid, None] = {}
    for tree in trees:
        for clause in (tree.principal, tree.action, tree.resource):
            uids.update((literal.uid, None) for literal in clause.entities)
        for condition in tree.conditions:
            for node in walk(condition.body):
                if isinstance(node, EntityLiteral):
                    uids[node.uid] = None
                _look(node, found)
    found.entities.extend(uids)
    return found


def _look(node: Expression, found: Interesting) -> None:  # noqa: C901 -- one short case a node
    match node:
        case HasAttribute(target, name):
            path = _path(target)
            if path is not None:
                found.add((*path, name), ABSENT)
        case Binary("contains", left, right):
            _contained(left, right, found)
        case Binary("containsAll" | "containsAny", left, SetLiteral(items)):
            path = _path(left)
            members = [value for item in items for value in _values(item)[:1]]
            if path is not None:
                found.add(path, members, members[:1], [])
        case Binary(_, left, right):
            _compared(left, right, found)
            _compared(right, left, found)
        case Call(_, (left, right)):
            _compared(left, right, found)
        case Like(target, pattern):
            path = _path(target)
            if path is not None:
                found.add(path, *_matching(pattern))
        case GetAttribute():
            path = _path(node)
            if path is not None:  # perhaps a truth value by itself
                found.values.setdefault(path, [])
        case _:
            pass


def _contained(left: Expression, right: Expression, found: Interesting) -> None:
    path = _path(left)
    if path is not None:
        for value in _values(right)[:1]:
            found.add(path, [value], [])
    elif isinstance(left, SetLiteral) and (path := _path(right)) is not None:
        found.add(path, *(value for item in left.items for value in _values(item)))


def _compared(side: Expression, other: Expression, found: Interesting) -> None:
    path = _path(side)
    if path is not None:
        found.add(path, *_values(other))


def _path(node: Expression) -> Path | None:
    names: list[str] = []
    while isinstance(node, GetAttribute):
        names.append(node.name)
        node = node.target
    return tuple(reversed(names)) if names and isinstance(node, Variable) and node.name == "context" else None


def _values(node: Expression) -> list[Any]:
    """A literal as JSON has it, and what is next to it."""
    if isinstance(node, Value):
        match node.value:
            case bool():
                return [node.value, not node.value]
            case int():
                return [node.value, node.value + 1, node.value - 1]
            case str():
                return [node.value, f"{node.value}{_OTHER}"]
    if isinstance(node, Call) and node.function == "decimal":
        value = fold_expression(node, PartialRequest()).value
        if isinstance(value, Decimal):
            return [units / _UNITS for units in (value.units, value.units + 1, value.units - 1)]
    return []


def _matching(pattern: tuple[str | None, ...]) -> Iterator[str]:
    """Texts that a pattern matches, and some that it nearly does."""
    for filling in _FILLING:
        yield "".join(filling if piece is None else piece for piece in pattern)
    whole = "".join("x" if piece is None else piece for piece in pattern)
    yield from (f"x{whole}", f"{whole}x", whole[1:], whole[:-1])
    for number, piece in enumerate(pattern):
        # Without the character beside a `*`.
        if piece is not None:
            for shorter in (piece[:-1], piece[1:]):
                parts = [*pattern[:number], shorter, *pattern[number + 1 :]]
                yield "".join("x" if part is None else part for part in parts)
