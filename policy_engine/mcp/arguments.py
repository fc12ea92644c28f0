"""A call's arguments, held against the types that the tool was pinned with.

Servers' SDKs turn `"1000"` into 1000 and `"yes"` into true, and fill in defaults: were that left to them,
policies would see other arguments than the tool gets. So nothing is converted: what has another JSON type is
refused, defaults are filled in here, for policies and in the message that is forwarded alike, and what
policies can't see is named.

Null is accepted where the schema allows null, and nowhere else. Policies see it as absent, the tool as null.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple, assert_never

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import (
    MISSING,
    RESERVED,
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

__all__ = ["Arguments", "check_arguments", "check_value", "names_of", "refuse_reserved", "unseen_arguments"]

_MOST_ELEMENTS = 10_000
"""Elements of one list; each costs time before any policy is asked."""

_NAMES, _NAME_LENGTH = 100, 80
"""How many argument names are kept for the record, and how much of each."""

_MOST_PARTS = 20_000
"""Lists and objects within lists, and members that no schema names, in one call."""

_RESERVED = frozenset(RESERVED)
_TEXTS = {str}
_LONG = range(-(2**63), 2**63)
_DECIMAL_UNIT = Decimal("0.0001")
_DECIMAL_MAX = Decimal("922337203685477.5807")
_DECIMAL_MIN = Decimal("-922337203685477.5808")
_EXACT = Context(prec=28)
"""Our own: the program around us may have set another precision for its threads."""

Path = tuple[()] | tuple["Path", str | int]
"""Where a value is: what is around it, and its name there. Spelt out only where it is told."""


class Arguments(NamedTuple):
    """Arguments as policies see them, and as the tool gets them.

    Attributes:
        cedar: Cedar JSON of `context.arguments`.
        forward: the arguments with defaults filled in.
        unrepresentable: paths of what was given but policies can't see, sorted; names joined by dots.
    """

    cedar: CedarJson
    forward: dict[str, Any]
    unrepresentable: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, for the record."""
        return names_of(self.forward)


def check_arguments(record: Record, arguments: dict[str, Any], *, suspect: bool = True) -> Arguments:
    """Hold arguments against the types of a pinned tool.

    Args:
        record: the types.
        arguments: what came.
        suspect: whether one of their names could be a reserved one.

    Raises:
        MessageError: `invalid_arguments`; detail: `wrong_type`, `unknown_argument`, `missing_argument`,
            `out_of_range`, `too_precise`, `too_many`, `not_a_choice`, `lookalike` or `reserved_name`.
    """
    if suspect:
        refuse_reserved(arguments)
    plain = _plain(record, arguments)
    if plain is not None:
        return plain
    reading = _Reading()
    seen, forward = reading.record(record, arguments, ())
    unseen = tuple(sorted(set(reading.unseen))) if reading.unseen else ()
    return Arguments(cedar=seen, forward=forward, unrepresentable=unseen)


def _plain(record: Record, arguments: dict[str, Any]) -> Arguments | None:
    """Arguments that are seen and forwarded as they came, as most are; None where more is to be looked at."""
    members = record.members
    seen: CedarJson = {}
    for name, value in arguments.items():
        member = members.get(name)
        if member is None:
            return None
        if type(value) is member.plain:
            if member.plain is int and value not in _LONG:
                return None
            seen[name] = value
        elif member.texts and type(value) is list and _are_texts(value):
            seen[name] = [*dict.fromkeys(value)]
        else:
            return None
    return Arguments(seen, arguments, ()) if record.awaited <= arguments.keys() else None


def _are_texts(values: list[Any]) -> bool:
    return len(values) <= _MOST_ELEMENTS and {*map(type, values)} <= _TEXTS


def unseen_arguments(arguments: dict[str, Any], *, suspect: bool = True) -> Arguments:
    """Arguments of a tool whose argument types aren't known: none of them is visible.

    Raises:
        MessageError: `invalid_arguments` (`reserved_name`).
    """
    if suspect:
        refuse_reserved(arguments)
    return Arguments(cedar={}, forward=arguments, unrepresentable=tuple(sorted(arguments)))


def names_of(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of arguments for the record, sorted; callers choose them, so not all of each."""
    if len(arguments) > _NAMES or max(map(len, arguments), default=0) > _NAME_LENGTH:
        return tuple(sorted(name[:_NAME_LENGTH] for name in arguments)[:_NAMES])
    return _in_order(tuple(arguments))


@lru_cache(512)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


def check_value(type_: Scalar | Collection | Record, value: Any) -> Any:  # noqa: ANN401 -- JSON values
    """The value with defaults filled in; for defaults, which must fit as arguments do.

    Raises:
        MessageError: as `check_arguments`.
    """
    return _Reading().value(type_, value, ())[1]


def refuse_reserved(value: Any) -> None:  # noqa: ANN401 -- JSON values
    """Refuse names that Cedar or a server in JavaScript would read as something else, at any depth.

    They are refused even where policies can't see: what is invisible today may be visible tomorrow.

    Raises:
        MessageError: `invalid_arguments` (`reserved_name`).
    """
    for found in _objects(value):
        if not _RESERVED.isdisjoint(found):
            note = f"`{min(_RESERVED.intersection(found))}` is no argument's name"
            raise MessageError("invalid_arguments", note, detail="reserved_name")


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- JSON values
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            yield item
            left.extend(inner for inner in item.values() if isinstance(inner, dict | list))
        elif isinstance(item, list):
            left.extend(inner for inner in item if isinstance(inner, dict | list))


@dataclass(slots=True)
class _Reading:
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
        if len(values) > _MOST_ELEMENTS:
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
        inner = _Reading(parts=self.parts)
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
    if type_.kind == "integer" and value not in _LONG:
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
