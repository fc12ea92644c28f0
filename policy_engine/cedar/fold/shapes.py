"""What may be known of a value: all of it, some of it, its type, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from policy_engine.cedar.fold.values import CedarValue, Entity, Kind, Record

__all__ = ["ANYTHING", "PartialRecord", "Shape", "Unknown", "has_field", "join", "kind_of", "record", "same"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that isn't known.

    Attributes:
        kind: its type, if at least that is known.
        type: of an entity, its entity type, if that is known.
    """

    kind: Kind | None = None
    type: str | None = None


ANYTHING = Unknown()


@dataclass(frozen=True, slots=True)
class PartialRecord:
    """A record of which something isn't known; make one with `record`.

    Attributes:
        fields: what is known of its fields.
        optional: those of them that may be missing.
        open: whether it may have other fields, too.
    """

    kind: ClassVar[Kind] = "record"
    fields: Mapping[str, "Shape"] = field(hash=False)
    optional: frozenset[str] = frozenset()
    open: bool = False


Shape = CedarValue | Unknown | PartialRecord
"""What is known of a value; a `CedarValue` is known in full."""


def record(
    fields: Mapping[str, Shape],
    optional: frozenset[str] = frozenset(),
    *,
    open: bool = False,  # noqa: A002 -- as the field
) -> Record | PartialRecord:
    """A record of whatever is known of its fields."""
    known = {name: value for name, value in fields.items() if not isinstance(value, Unknown | PartialRecord)}
    if len(known) == len(fields) and not optional and not open:
        return Record(MappingProxyType(known))
    return PartialRecord(MappingProxyType(dict(fields)), optional, open)


def kind_of(shape: Shape) -> Kind | None:
    """The type of a value, if it is known."""
    return shape.kind


def has_field(shape: Shape, name: str) -> bool | None:
    """Whether a record has a field; None if that isn't known."""
    match shape:
        case Record():
            return name in shape.fields
        case PartialRecord():
            if name in shape.fields:
                return None if name in shape.optional else True
            return None if shape.open else False
        case _:
            return None


def same(one: Shape, other: Shape) -> bool | None:
    """Whether two values are equal; None if that isn't known."""
    if isinstance(one, PartialRecord | Record) and isinstance(other, PartialRecord | Record):
        if isinstance(one, Record) and isinstance(other, Record):
            return one == other
        return False if _records_differ(one, other) else None
    if not isinstance(one, Unknown) and not isinstance(other, Unknown):
        return one == other
    return False if _types_differ(one, other) else None


def _types_differ(one: Shape, other: Shape) -> bool:
    kinds = (kind_of(one), kind_of(other))
    if None not in kinds and kinds[0] != kinds[1]:
        return True
    types = (_entity_type(one), _entity_type(other))
    return None not in types and types[0] != types[1]


def _entity_type(shape: Shape) -> str | None:
    match shape:
        case Entity():
            return shape.uid.type
        case Unknown():
            return shape.type
        case _:
            return None


def _records_differ(one: Record | PartialRecord, other: Record | PartialRecord) -> bool:
    for name in {*one.fields, *other.fields}:
        there = (has_field(one, name), has_field(other, name))
        if None not in there and there[0] != there[1]:
            return True
        if there == (True, True) and same(one.fields[name], other.fields[name]) is False:
            return True
    return False


def join(one: Shape | None, other: Shape | None) -> Shape | None:
    """What is known of a value that is one of two; None stands for no value."""
    if one is None or other is None:
        return other if one is None else one
    if one == other:
        return one
    kind = kind_of(one) if kind_of(one) == kind_of(other) else None
    same_type = kind == "entity" and _entity_type(one) == _entity_type(other)
    return Unknown(kind, _entity_type(one) if same_type else None)
