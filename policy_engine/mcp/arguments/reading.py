"""One pass over a call's arguments: what policies see of each, and what the tool gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any, assert_never

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import (
    MISSING,
    Collection,
    Never,
    Opaque,
    Record,
    Scalar,
    ScalarKind,
)
from policy_engine.mcp.names import lookalike
from policy_engine.model import CedarJson
from policy_engine.model.strict_json import canonical

__all__ = ["LONG", "MOST_ELEMENTS", "Reading"]

MOST_ELEMENTS = 10_000
"""Elements of one list; each costs time before any policy is asked."""

_MOST_PARTS = 20_000
"""Lists and objects within lists, and members that no schema names, in one call."""

LONG = range(-(2**63), 2**63)
"""Integers that Cedar has."""

_DECIMAL_UNIT = Decimal("0.0001")
_DECIMAL_MAX = Decimal("922337203685477.5807")
_DECIMAL_MIN = Decimal("-922337203685477.5808")
_EXACT = Context(prec=28)
"""Our own: the program around us may have set another precision for its threads."""

Path = tuple[()] | tuple["Path", str | int]
"""Where a value is: what is around it, and its name there. Spelt out only where it is told."""


@dataclass(slots=True)
class Reading:
    """One pass over a call's arguments; each method returns Cedar JSON and what is forwarded.

    Attributes:
        unseen: paths of what policies don't see.
        parts: how many elements that aren't scalars there were so far, and members that no schema names.
    """

    unseen: list[str] = field(default_factory=list)
    parts: int = 0

    def record(self, record: Record, values: dict[str, Any], path: Path) -> tuple[CedarJson, dict[str, Any]]:
        """What isn't changed is forwarded as the very object that came."""
        seen: CedarJson = {}
        given: dict[str, Any] = {}
        members = record.members
        if not values.keys() <= members.keys():
            given = self._others(record, values, path)
        for name, member in members.items():
            came = values.get(name, MISSING)
            value = member.default if came is MISSING else came
            if value is MISSING:
                if member.required:
                    raise _refusal("missing_argument", (path, name))
                continue
            if isinstance(member.type, Opaque):
                self.unseen.append(_dotted((path, name)))
            elif value is not None or not member.nullable:
                seen[name], value = self.value(member.type, value, (path, name))
            if value is not came:
                given[name] = value
        return seen, ({**values, **given} if given else values)

    def value(self, type_: Scalar | Collection | Record | Never, value: Any, path: Path) -> tuple[Any, Any]:  # noqa: ANN401
        """One value of a type."""
        match type_:
            case Scalar():
                _check_scalar(type_, value, path)
                return _seen(type_, value, path), value
            case Collection():
                if not isinstance(value, list):
                    raise _refusal("wrong_type", path)
                return self._elements(type_.element, value, path)
            case Record():
                if not isinstance(value, dict):
                    raise _refusal("wrong_type", path)
                return self.record(type_, value, path)
            case Never():
                raise _refusal("wrong_type", path)
            case _:
                assert_never(type_)

    def _elements(
        self, element: Scalar | Collection | Record, values: list[Any], path: Path
    ) -> tuple[list[Any], list[Any]]:
        """What policies see of a list: a set, so each value once."""
        if len(values) > MOST_ELEMENTS:
            raise _refusal("too_many", path)
        if isinstance(element, Scalar):
            for at, value in enumerate(values):
                _check_scalar(element, value, (path, at))
            # By type and value: `1` and `1.0` are one decimal, and `True` is never among numbers.
            return [_seen(element, value, path) for value in dict.fromkeys(values)], values
        self._count(len(values), path)
        read = [self.value(element, value, (path, at)) for at, value in enumerate(values)]
        once = {canonical(seen): seen for seen, _ in read}
        changed = any(given is not value for (_, given), value in zip(read, values, strict=True))
        return [*once.values()], [given for _, given in read] if changed else values

    def _count(self, more: int, path: Path) -> None:
        self.parts += more
        if self.parts > _MOST_PARTS:
            raise _refusal("too_many", path)

    def _others(self, record: Record, values: dict[str, Any], path: Path) -> dict[str, Any]:
        """What is forwarded otherwise of arguments that the schema doesn't name; policies see none."""
        names = [name for name in values if name not in record.members]
        if record.others is None:
            raise _refusal("unknown_argument", (path, names[0]))
        self._count(len(names), path)
        if twin := lookalike(names, record.folded):
            raise _refusal("lookalike", (path, twin))
        self.unseen += [_dotted((path, name)) for name in names]
        type_, nullable = record.others.type, record.others.nullable
        if isinstance(type_, Opaque):
            return {}
        inner = Reading(parts=self.parts)
        read = {
            name: inner.value(type_, values[name], (path, name))[1]
            for name in names
            if values[name] is not None or not nullable
        }
        self.parts = inner.parts
        return {name: value for name, value in read.items() if value is not values[name]}


def _check_scalar(type_: Scalar, value: Any, path: Path) -> None:  # noqa: ANN401 -- JSON values
    # bool is a subclass of int: types are compared, never tested with isinstance.
    if type(value) not in _PYTHON_TYPES[type_.kind]:
        raise _refusal("wrong_type", path)
    if type_.choices is not None and value not in type_.choices:
        raise _refusal("not_a_choice", path)
    if type_.kind == "integer" and value not in LONG:
        raise _refusal("out_of_range", path)


def _seen(type_: Scalar, value: Any, path: Path) -> Any:  # noqa: ANN401 -- JSON values
    return _decimal(value, path) if type_.kind == "number" else value


_PYTHON_TYPES: Mapping[ScalarKind, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def _decimal(value: float, path: Path) -> CedarJson:
    exact = Decimal(repr(value))
    if not _DECIMAL_MIN <= exact <= _DECIMAL_MAX:
        raise _refusal("out_of_range", path)
    size = exact.copy_abs()  # `abs` would round by the program's context
    rounded = size.quantize(_DECIMAL_UNIT, context=_EXACT)
    if rounded != size:
        raise _refusal("too_precise", path)
    sign = "-" if exact < 0 else ""  # zero has none: one number has one spelling
    digits = f"{sign}{rounded:f}".rstrip("0")
    return {"__extn": {"fn": "decimal", "arg": f"{digits}0" if digits.endswith(".") else digits}}


def _dotted(path: Path) -> str:
    names: list[str] = []
    while path:
        path, name = path
        names.append(str(name))
    return ".".join(reversed(names))


def _refusal(detail: str, path: Path) -> MessageError:
    # Names may be the caller's: shown short, and without what would break a line of a log.
    name = "".join(char if char.isprintable() else "?" for char in _dotted(path)[:80])
    return MessageError("invalid_arguments", f"argument `{name}`", detail=detail)
