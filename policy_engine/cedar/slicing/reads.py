"""Which parts of the context some policies can read, and a context cut down to these.

Cedar parses a context whole before it evaluates anything, and that is most of what a decision costs. A policy
reaches into the context by paths only, `context.arguments.repo` or `context has actor`, or takes it, or a
record within it, as a whole.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from policy_engine.cedar.syntax import Expression, GetAttribute, HasAttribute, Variable, children
from policy_engine.model import CedarJson

__all__ = ["ReadSet", "reads_of"]

_ENTITY, _EXTENSION = "__entity", "__extn"
"""Members by which JSON says that an object is no record."""


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What is read of a value; of one that has neither attribute, only whether it is there.

    Attributes:
        whole: whether all of it is.
        members: by name, what is read of a record's members.
    """

    whole: bool = False
    members: tuple[tuple[str, "ReadSet"], ...] = ()

    def reads(self, name: str) -> bool:
        """Whether anything is read of a member."""
        return self.whole or any(name == member for member, _ in self.members)

    def without(self, names: Container[str]) -> "ReadSet":
        """What is read of the other members; of a record that isn't read whole."""
        return ReadSet(members=tuple(member for member in self.members if member[0] not in names))

    def of(self, record: CedarJson) -> CedarJson:
        """The record with what is read of it, and no more.

        Whatever isn't a record stays as it is: what is read of it would err, and errs the same.
        """
        if self.whole:
            return record
        found: CedarJson = {}
        for name, reads in self.members:
            if name in record:
                value = record[name]
                found[name] = reads.of(value) if not reads.whole and _is_record(value) else value
        return found


_WHOLE = ReadSet(whole=True)


def reads_of(expressions: Iterable[Expression]) -> ReadSet:
    """What some expressions can read of the context."""
    root: dict[str, Any] = {}
    rest = list(expressions)
    while rest:
        node = rest.pop()
        path: list[str] = []
        inner = node
        while isinstance(inner, GetAttribute | HasAttribute):
            path.append(inner.name)
            inner = inner.target
        if isinstance(inner, Variable) and inner.name == "context":
            # `context.a has b` needs of `context.a.b` only whether it is there.
            _add(root, path, whole=not isinstance(node, HasAttribute))
        elif path:
            rest.append(inner)
        else:
            rest.extend(children(node))
    return _made(root)


_ALL = ""
"""Marks a record that is read whole; a member's own name is filed under `.name`, so none is like it."""


def _add(root: dict[str, Any], path: list[str], *, whole: bool) -> None:
    for name in reversed(path):
        root = root.setdefault(f".{name}", {})
    if whole:
        root[_ALL] = True


def _made(node: dict[str, Any]) -> ReadSet:
    if _ALL in node:
        return _WHOLE
    return ReadSet(members=tuple((name[1:], _made(node[name])) for name in sorted(node)))


def _is_record(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict) and _ENTITY not in value and _EXTENSION not in value
