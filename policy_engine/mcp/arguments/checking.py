"""A call's arguments, held against the types that the tool was pinned with.

Servers' SDKs turn `"1000"` into 1000 and `"yes"` into true, and fill in defaults: were that left to them,
policies would see other arguments than the tool gets. So nothing is converted: what has another JSON type is
refused, defaults are filled in here, for policies and in the message that is forwarded alike, and what
policies can't see is named.

Null is accepted where the schema allows null, and nowhere else. Policies see it as absent, the tool as null.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from policy_engine.mcp.argument_types import Collection, Record, Scalar
from policy_engine.mcp.arguments.names import is_any_reserved, names_of, refuse_reserved
from policy_engine.mcp.arguments.reading import LONG, MOST_ELEMENTS, Reading
from policy_engine.model import CedarJson

__all__ = ["Arguments", "check_arguments", "check_value", "unseen_arguments"]

_SHAPES = 64
"""Of as many orders of names it is kept for each tool what was found of them; callers choose the order."""


@dataclass(slots=True)
class Arguments:
    """Arguments as policies see them, and as the tool gets them. Changed by nobody.

    Attributes:
        cedar: Cedar JSON of `context.arguments`.
        forward: the arguments with defaults filled in.
        unrepresentable: paths of what was given but policies can't see, sorted; names joined by dots.
        known_names: `names`, if they are at hand.
    """

    cedar: CedarJson
    forward: dict[str, Any]
    unrepresentable: tuple[str, ...]
    known_names: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, for the record."""
        return names_of(self.forward) if self.known_names is None else self.known_names


def check_arguments(record: Record, arguments: dict[str, Any], *, text: bytes | None = None) -> Arguments:
    """Hold arguments against the types of a pinned tool.

    Args:
        record: the types.
        arguments: what came.
        text: JSON that they are a part of, if it is known: most has no name that could be a reserved one.

    Raises:
        MessageError: `invalid_arguments`; detail: `wrong_type`, `unknown_argument`, `missing_argument`,
            `out_of_range`, `too_precise`, `too_many`, `not_a_choice`, `lookalike` or `reserved_name`.
    """
    plain = _plain(record, arguments)
    if plain is not None:
        return plain
    refuse_reserved(arguments, text)
    reading = Reading()
    seen, forward = reading.record(record, arguments, ())
    unseen = tuple(sorted(set(reading.unseen))) if reading.unseen else ()
    return Arguments(cedar=seen, forward=forward, unrepresentable=unseen)


class _Shape(NamedTuple):
    """What is the same for all arguments of these names, in this order.

    Attributes:
        types: that the values have to have, to be seen and forwarded as they came.
        integers: names of those that Cedar has to have.
        texts: names of lists of texts.
        names: all of them, for the record.
    """

    types: tuple[object, ...]
    integers: tuple[str, ...]
    texts: tuple[str, ...]
    names: tuple[str, ...]


def _plain(record: Record, arguments: dict[str, Any]) -> Arguments | None:
    """Arguments that are seen and forwarded as they came, as most are; None where more is to be looked at."""
    names = tuple(arguments)
    shape: _Shape | None
    try:
        shape = record.shapes[names]
    except KeyError:
        shape = _shape(record, names)
        if shape is not None and len(record.shapes) < _SHAPES:  # then they are names of the operator's
            record.shapes[names] = shape
    if shape is None or tuple(map(type, arguments.values())) != shape.types:
        return None
    for name in shape.integers:
        if arguments[name] not in LONG:
            return None
    seen = arguments
    for name in shape.texts:
        texts = _texts(arguments[name])
        if texts is None:
            return None
        if texts is not arguments[name]:
            seen = {**seen, name: texts}
    return Arguments(seen, arguments, (), shape.names)


def _texts(values: list[Any]) -> list[str] | None:
    """The list, or one without what is there twice; None if it isn't one of texts, or is too long."""
    if len(values) > MOST_ELEMENTS:
        return None
    for value in values:
        if type(value) is not str:
            return None
    return values if len({*values}) == len(values) else [*dict.fromkeys(values)]


def _shape(record: Record, names: tuple[str, ...]) -> _Shape | None:
    members = [record.members.get(name) for name in names]
    if not record.awaited <= set(names) or is_any_reserved(names):
        return None
    types: list[object] = []
    for member in members:
        if member is None or (member.plain is None and not member.texts):
            return None
        types.append(list if member.texts else member.plain)
    integers = tuple(name for name, type_ in zip(names, types, strict=True) if type_ is int)
    texts = tuple(name for name, type_ in zip(names, types, strict=True) if type_ is list)
    return _Shape(tuple(types), integers, texts, names_of(names))


def unseen_arguments(arguments: dict[str, Any], *, text: bytes | None = None) -> Arguments:
    """Arguments of a tool whose argument types aren't known: none of them is visible.

    Args:
        arguments: what came.
        text: as for `check_arguments`.

    Raises:
        MessageError: `invalid_arguments` (`reserved_name`).
    """
    refuse_reserved(arguments, text)
    return Arguments(cedar={}, forward=arguments, unrepresentable=tuple(sorted(arguments)))


def check_value(type_: Scalar | Collection | Record, value: Any) -> Any:  # noqa: ANN401 -- JSON values
    """The value with defaults filled in; for defaults, which must fit as arguments do.

    Raises:
        MessageError: as `check_arguments`.
    """
    return Reading().value(type_, value, ())[1]
