"""Values whose parts are terms: their types are known, and what they are isn't.

Records are their fields, and extension types but `ipaddr` are numbers: decimals of ten-thousandths, datetimes
and durations of milliseconds. What has no terms is known in full (`Opaque`), or isn't looked at (`Unseen`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeGuard, assert_never

from policy_engine.cedar import (
    Bool,
    CedarValue,
    Datetime,
    Decimal,
    Duration,
    Entity,
    IpAddress,
    Long,
    Record,
    SetOf,
    String,
)
from policy_engine.evaluator import CedarType, EntityOf, Plain
from policy_engine.model import EntityUid
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import constant, make_set
from policy_engine.review.symbolic.terms import FALSE, TRUE, Operator, Sort, Term

__all__ = [
    "ELEMENTS",
    "LONG_MAX",
    "LONG_MIN",
    "SORTS",
    "UNSEEN",
    "EntityValue",
    "Field",
    "Opaque",
    "RecordValue",
    "Scalar",
    "SetValue",
    "Symbolic",
    "Unseen",
    "is_constant",
    "lift",
    "lower",
    "set_sort",
]

LONG_MIN, LONG_MAX = constant(-(2**63)), constant(2**63 - 1)
"""Bounds of everything that is counted."""

SORTS: Mapping[str, Sort] = MappingProxyType(
    {
        "Bool": Sort.BOOL,
        "Long": Sort.INT,
        "String": Sort.STRING,
        "decimal": Sort.INT,
        "datetime": Sort.INT,
        "duration": Sort.INT,
    }
)
"""What plain types stand as; others have no terms."""

ELEMENTS: Mapping[Sort, Sort] = MappingProxyType({Sort.INT: Sort.INTS, Sort.STRING: Sort.STRINGS})
"""What sets of something stand as."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A truth value, number, text, decimal, datetime or duration; `type` is Cedar's name for which."""

    type: str
    term: Term


@dataclass(frozen=True, slots=True)
class EntityValue:
    """An entity of a type, and the number of its id."""

    type: str
    term: Term


@dataclass(frozen=True, slots=True)
class SetValue:
    """A set of values of one type; `element` is None for the empty set that is written `[]`."""

    element: CedarType | None
    term: Term


class Field(NamedTuple):
    """A field of a record, or an attribute: whether it is there, and what it then is."""

    there: Term
    value: "Symbolic"


@dataclass(frozen=True, slots=True)
class RecordValue:
    """A record; a field that isn't listed isn't there."""

    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Opaque:
    """A constant that has no terms: an IP address, or a set of anything but numbers, texts and entities."""

    value: CedarValue


@dataclass(frozen=True, slots=True)
class Unseen:
    """A value that the encoding doesn't follow; whatever uses it isn't encoded either."""


UNSEEN = Unseen()

Symbolic = Scalar | EntityValue | SetValue | RecordValue | Opaque | Unseen


def set_sort(element: CedarType) -> Sort | None:
    """What a set of such elements stands as; None if it has no terms."""
    match element:
        case EntityOf():
            return Sort.INTS
        case Plain(name):
            return ELEMENTS.get(SORTS.get(name, Sort.BOOL))
        case _:
            return None


def is_constant(value: Term) -> bool:
    """Whether a term is known: a constant, or a set of them."""
    if value.operator is Operator.SET:
        return all(item.operator is Operator.CONSTANT for item in value.arguments)
    return value.operator is Operator.CONSTANT


def lift(value: CedarValue, ids: Ids) -> Symbolic:
    """A value that is known, as terms."""
    match value:
        case Bool() | Long() | String() | Decimal() | Datetime() | Duration():
            return _scalar(value)
        case Entity(uid):
            return EntityValue(uid.type, constant(ids.number(uid.id)))
        case SetOf():
            return _set(value, ids)
        case Record(fields):
            return RecordValue({name: Field(TRUE, lift(item, ids)) for name, item in fields.items()})
        case IpAddress():
            return Opaque(value)
        case _:
            assert_never(value)


def lower(value: Symbolic, ids: Ids) -> CedarValue | None:
    """The value, if it is known in full."""
    match value:
        case Opaque(known):
            return known
        case Unseen():
            return None
        case RecordValue(fields):
            return _known_record(fields, ids)
        case Scalar(type_, part):
            return _known(type_, part) if part.operator is Operator.CONSTANT else None
        case EntityValue(type_, part):
            return _entity(type_, part, ids) if part.operator is Operator.CONSTANT else None
        case SetValue(element, part):
            return _known_set(element, part, ids) if _is_known_set(part) else None
        case _:
            assert_never(value)


def _known_record(fields: Mapping[str, Field], ids: Ids) -> Record | None:
    items = {name: lower(field.value, ids) for name, field in fields.items() if field.there is not FALSE}
    known = {name: item for name, item in items.items() if item is not None}
    certain = all(fields[name].there is TRUE for name in items)
    return Record(MappingProxyType(known)) if certain and len(known) == len(items) else None


def _is_known_set(part: Term) -> bool:
    return part.operator is Operator.SET and is_constant(part)


def _scalar(value: Bool | Long | String | Decimal | Datetime | Duration) -> Scalar:
    match value:
        case Bool(known):
            return Scalar("Bool", constant(known))
        case Long(known):
            return Scalar("Long", constant(known))
        case String(known):
            return Scalar("String", constant(known))
        case Decimal(units):
            return Scalar("decimal", constant(units))
        case Datetime(milliseconds):
            return Scalar("datetime", constant(milliseconds))
        case Duration(milliseconds):
            return Scalar("duration", constant(milliseconds))
        case _:
            assert_never(value)


def _set(value: SetOf, ids: Ids) -> SetValue | Opaque:
    items = [lift(item, ids) for item in value.items]
    if not items:
        return SetValue(None, make_set(Sort.INTS))
    types = {_element_type(item) for item in items}
    element = types.pop()
    sort = None if types or element is None else set_sort(element)
    if sort is None:
        return Opaque(value)
    return SetValue(element, make_set(sort, *(item.term for item in items if _has_term(item))))


def _element_type(value: Symbolic) -> CedarType | None:
    match value:
        case Scalar(type_):
            return Plain(type_)
        case EntityValue(type_):
            return EntityOf(type_)
        case _:
            return None


def _has_term(value: Symbolic) -> TypeGuard[Scalar | EntityValue]:
    return isinstance(value, Scalar | EntityValue)


def _known(type_: str, part: Term) -> CedarValue | None:
    match type_, part.value:
        case "Bool", bool(value):
            return Bool(value)
        case "Long", int(value):
            return Long(value)
        case "String", str(value):
            return String(value)
        case "decimal", int(value):
            return Decimal(value)
        case "datetime", int(value):
            return Datetime(value)
        case "duration", int(value):
            return Duration(value)
        case _:
            return None


def _entity(type_: str, part: Term, ids: Ids) -> Entity | None:
    text = ids.text(part.value) if isinstance(part.value, int) else None
    return None if text is None else Entity(EntityUid(type_, text))


def _known_set(element: CedarType | None, part: Term, ids: Ids) -> SetOf | None:
    items: list[CedarValue | None] = []
    for item in part.arguments:
        match element:
            case EntityOf(name):
                items.append(_entity(name, item, ids))
            case Plain(name):
                items.append(_known(name, item))
            case _:
                return None
    known = [item for item in items if item is not None]
    return SetOf(frozenset(known)) if len(known) == len(items) else None
