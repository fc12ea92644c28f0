"""Cedar's values, one class a type, so that `true` and `1`, or a set and a record, are never equal.

Equality is Cedar's own `==`: sets know no order, `decimal("1.0")` is `decimal("1.00")`, and values of two
types differ (docs.cedarpolicy.com, "Data types").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar, Literal

from policy_engine.model import EntityUid

__all__ = [
    "LONGS",
    "Bool",
    "CedarValue",
    "Datetime",
    "Decimal",
    "Duration",
    "Entity",
    "IpAddress",
    "Kind",
    "Long",
    "Record",
    "SetOf",
    "String",
]

Kind = Literal[
    "bool", "long", "string", "entity", "set", "record", "decimal", "ipaddr", "datetime", "duration"
]
"""The types of values, by Cedar's names for them."""

LONGS = range(-(2**63), 2**63)
"""What a `Long` may be; whatever would leave it is an error."""


@dataclass(frozen=True, slots=True)
class Bool:
    """`true`, `false`."""

    kind: ClassVar[Kind] = "bool"
    value: bool


@dataclass(frozen=True, slots=True)
class Long:
    """A whole number of 64 bits."""

    kind: ClassVar[Kind] = "long"
    value: int


@dataclass(frozen=True, slots=True)
class String:
    """A text."""

    kind: ClassVar[Kind] = "string"
    value: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A reference to an entity, which need not exist."""

    kind: ClassVar[Kind] = "entity"
    uid: EntityUid


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set of values of any types."""

    kind: ClassVar[Kind] = "set"
    items: frozenset["CedarValue"]


@dataclass(frozen=True, slots=True)
class Record:
    """Values by name."""

    kind: ClassVar[Kind] = "record"
    fields: Mapping[str, "CedarValue"] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Decimal:
    """`decimal("1.5")`, as 15,000 ten-thousandths."""

    kind: ClassVar[Kind] = "decimal"
    units: int


@dataclass(frozen=True, slots=True)
class IpAddress:
    """`ip("10.0.0.1/8")`: an address and how many of its leading bits make a range."""

    kind: ClassVar[Kind] = "ipaddr"
    address: IPv4Address | IPv6Address
    prefix: int


@dataclass(frozen=True, slots=True)
class Datetime:
    """A moment, in milliseconds since 1970 (UTC)."""

    kind: ClassVar[Kind] = "datetime"
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, in milliseconds; may be negative."""

    kind: ClassVar[Kind] = "duration"
    milliseconds: int


CedarValue = Bool | Long | String | Entity | SetOf | Record | Decimal | IpAddress | Datetime | Duration
