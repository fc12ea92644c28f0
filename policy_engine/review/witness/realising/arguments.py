"""Arguments as a tool takes them, of arguments as policies see them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, assert_never

from policy_engine.mcp import RESERVED, Collection, Member, Never, Opaque, PinnedTool, Record, Scalar
from policy_engine.model import CedarJson
from policy_engine.review.witness.realising.samples import Schema, fits, member_of, sample, schema_of
from policy_engine.review.witness.realising.values import number_of

__all__ = ["Written", "arguments_of"]

_MOST_COMBINED = 6
"""Of so many misfits it is tried to keep some and mend others; of more, all or none."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """Arguments that may be sent.

    Attributes:
        values: the arguments.
        misfits: those whose values the tool's own schema doesn't take, though the engine does.
    """

    values: dict[str, Any]
    misfits: tuple[str, ...] = ()


def arguments_of(tool: PinnedTool, seen: CedarJson, unseen: tuple[str, ...]) -> Iterator[Written]:
    """Arguments by which policies see the given ones, or nearly: the more the schema likes, the earlier.

    Args:
        tool: whose arguments.
        seen: `context.arguments`.
        unseen: `context.unrepresentable`: names of what is to be there and can't be seen.
    """
    schema = schema_of(tool.written)
    if tool.arguments is None:
        yield Written({name: _of_name(schema, name, schema) for name in unseen if name not in RESERVED})
        return
    writing = _Writing(schema, {*unseen})
    values = writing.record(tool.arguments, seen, schema, ())
    misfits = [*writing.misfits]
    for kept in _kept(misfits):
        mended = _copied(values)
        for path in misfits:
            if path not in kept:
                _put(mended, path, writing.misfits[path])
        yield Written(mended, tuple(".".join(path) for path in misfits if path in kept))


def _kept(misfits: list[Path]) -> Iterator[frozenset[Path]]:
    """Which misfits stay as they are: none of them, then one, and so on."""
    if len(misfits) > _MOST_COMBINED:
        yield from (frozenset(), frozenset(misfits))
        return
    for size in range(len(misfits) + 1):
        yield from map(frozenset, combinations(misfits, size))


@dataclass(slots=True)
class _Writing:
    """One pass over the arguments of a tool.

    Attributes:
        root: the whole schema of its arguments.
        unseen: paths, joined by dots, of what is to be there and can't be seen.
        misfits: by path, what the schema would take in place of what is there.
    """

    root: Schema
    unseen: set[str]
    misfits: dict[Path, Any] = field(default_factory=dict)

    def record(self, record: Record, seen: Mapping[str, Any], schema: Schema, path: Path) -> dict[str, Any]:
        """An object, as its schema wants it."""
        found: dict[str, Any] = {}
        for name, member in record.members.items():
            place = (*path, name)
            inner = member_of(schema, name, self.root)
            value = self._member(member, seen.get(name), inner, place, there=name in seen)
            if value is not _ABSENT:
                found[name] = value
        prefix = "".join(f"{name}." for name in path)
        for dotted in self.unseen:
            name = dotted.removeprefix(prefix)
            here = dotted.startswith(prefix) and "." not in name and name not in record.members
            if here and record.others is not None and name not in RESERVED:
                found[name] = self._other(record.others)
        return found

    def _member(self, member: Member, seen: Any, schema: Schema, path: Path, *, there: bool) -> Any:  # noqa: ANN401 -- JSON
        match member.type:
            case Never():
                return None if member.required and member.nullable else _ABSENT
            case Opaque():
                wanted = member.required or ".".join(path) in self.unseen
                return sample(schema, self.root) if wanted else _ABSENT
            case Scalar() | Collection() | Record():
                if there:
                    return self._value(member.type, seen, schema, path)
                if not member.required:
                    return _ABSENT
                return None if member.nullable else sample(schema, self.root)
            case _:
                assert_never(member.type)

    def _value(self, type_: Scalar | Collection | Record, seen: Any, schema: Schema, path: Path) -> Any:  # noqa: ANN401 -- JSON
        match type_:
            case Scalar():
                return self._scalar(type_, seen, schema, path)
            case Collection():
                values = seen if isinstance(seen, list) else []
                items = _items(schema)
                inner = _Writing(self.root, set())
                found = [inner._value(type_.element, value, items, ()) for value in values]
                instead = sample(schema, self.root)
                if (inner.misfits or not fits(found, schema, self.root)) and isinstance(instead, list):
                    self.misfits[path] = instead
                return found
            case Record():
                return self.record(type_, seen if isinstance(seen, dict) else {}, schema, path)
            case _:
                assert_never(type_)

    def _scalar(self, type_: Scalar, seen: Any, schema: Schema, path: Path) -> Any:  # noqa: ANN401 -- JSON
        value = number_of(seen) if type_.kind == "number" else seen
        if type(value) is int:
            value = _sendable(value)
        chosen = type_.choices is None or value in type_.choices
        if not (chosen and fits(value, schema, self.root)):
            self.misfits[path] = sample(schema, self.root) if chosen else _first(type_)
        return value

    @staticmethod
    def _other(member: Member) -> Any:  # noqa: ANN401 -- JSON
        match member.type:
            case Scalar(kind="integer" | "number"):
                return 1
            case Scalar(kind="boolean"):
                return True
            case Collection():
                return []
            case Record():
                return {}
            case _:
                return "x"


class _Absent:
    """Stands for what isn't sent."""


_ABSENT = _Absent()


def _sendable(value: int) -> int:
    """The integer, or the next one nearer to zero that is exactly a double (RFC 8259 section 6)."""
    near = float(value)
    return int(math.nextafter(near, 0.0) if abs(int(near)) > abs(value) else near)


def _first(type_: Scalar) -> Any:  # noqa: ANN401 -- JSON
    return min(type_.choices or (None,), key=repr)


def _items(schema: Schema) -> Schema:
    items = schema.get("items")
    return items if isinstance(items, dict) else {}


def _of_name(schema: Schema, name: str, root: Schema) -> Any:  # noqa: ANN401 -- JSON
    return sample(member_of(schema, name, root), root)


def _copied(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {name: _copied(part) for name, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _put(values: dict[str, Any], path: Path, value: Any) -> None:  # noqa: ANN401 -- JSON
    *outer, last = path
    for name in outer:
        values = values[name]
    values[last] = value
