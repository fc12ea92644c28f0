"""Attributes of people and machines that an operator declares, each with a type."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

__all__ = ["AttributeType", "AttributeValue", "DeclaredAttributes", "TypedAttributes"]

AttributeValue = str | int | bool | tuple[str, ...]
"""A value of one of the types below; `strings` are a tuple."""

TypedAttributes = Mapping[str, AttributeValue]
"""Values by the attribute's name; what isn't known isn't there."""

LONGEST = 1000
"""Characters of a string."""

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those included that show text in another order than it is compared (Unicode TR9), and
halves of characters, which no JSON text can carry to Cedar."""


class AttributeType(StrEnum):
    """What `attributes` of the configuration says about one."""

    STRING = "string"
    STRINGS = "strings"
    BOOL = "bool"
    LONG = "long"

    @property
    def cedar(self) -> str:
        """The Cedar type that policies see."""
        return _CEDAR[self]

    @property
    def meaning(self) -> str:
        """Which values it takes; completes `isn't …` and `write …`."""
        return _MEANINGS[self]

    def admits(self, value: object) -> bool:
        """Whether a value is of this type, exactly: `true` is no integer, `1.0` isn't either."""
        return _ADMITS[self](value)


DeclaredAttributes = Mapping[str, Mapping[str, AttributeType]]
"""By entity type (`User`, `Client`) and name."""


def _string(value: object) -> bool:
    return type(value) is str and len(value) <= LONGEST and _UNFIT.search(value) is None


def _strings(value: object) -> bool:
    return type(value) is tuple and all(map(_string, value))


def _bool(value: object) -> bool:
    return type(value) is bool


def _long(value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


_ADMITS: Mapping[AttributeType, Callable[[object], bool]] = MappingProxyType(
    {
        AttributeType.STRING: _string,
        AttributeType.STRINGS: _strings,
        AttributeType.BOOL: _bool,
        AttributeType.LONG: _long,
    }
)

_CEDAR: Mapping[AttributeType, str] = MappingProxyType(
    {
        AttributeType.STRING: "String",
        AttributeType.STRINGS: "Set<String>",
        AttributeType.BOOL: "Bool",
        AttributeType.LONG: "Long",
    }
)

_TEXT = f"of at most {LONGEST} characters, without control characters"

_MEANINGS: Mapping[AttributeType, str] = MappingProxyType(
    {
        AttributeType.STRING: f"a string {_TEXT}",
        AttributeType.STRINGS: f"a string or a list of strings, each {_TEXT}",
        AttributeType.BOOL: "true or false",
        AttributeType.LONG: "an integer of 64 bits",
    }
)
