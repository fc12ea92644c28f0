"""The JSON types that a profile can say a claim has, each with its strict reading.

Nothing is coerced: `1` isn't `"1"`, `true` isn't `1`, `null` isn't absent. A marker of the wrong type is
malformed and never "close enough": in Python `"app" in ["app"]` is true, so a rule that took either would
take a forged array for the issuer's own string.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

__all__ = ["STANDARD_TYPES", "WRONG", "ClaimType", "Value"]

Value = str | tuple[str, ...] | bool | int | float | Mapping[str, Any]
"""A claim's value as rules see it: lists of every spelling are tuples of strings."""

WRONG = None
"""What a reading answers when the value isn't of its type; no value reads as this, `null` least of all."""


class ClaimType(StrEnum):
    """What `types:` of a profile says about a claim; a claim that it doesn't name is a `string`."""

    STRING = "string"
    SPACES = "spaces"
    """A string that holds a list, its members between spaces, as `scope` does (RFC 6749 section 3.3)."""
    WORDS = "words"
    """The same, where the specification compares without regard to case: in small letters."""
    LIST = "list"
    """An array of strings."""
    STRINGS = "strings"
    """A string, or an array of strings, as `aud` is (RFC 7519 section 4.1.3)."""
    BOOL = "bool"
    NUMBER = "number"
    OBJECT = "object"

    @property
    def reading(self) -> Callable[[Any], Value | None]:
        """What makes a value the form that rules compare, or `WRONG`."""
        return _READINGS[self._value_]

    def read(self, value: Any) -> Value | None:  # noqa: ANN401 -- a claim is any JSON
        """The value in the form that rules compare, or `WRONG`."""
        return _READINGS[self._value_](value)


def _string(value: Any) -> str | None:  # noqa: ANN401
    return value if type(value) is str else WRONG


def _spaces(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    return tuple(filter(None, value.split(" "))) if type(value) is str else WRONG


def _words(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    # Letters outside ASCII have small forms inside (the Kelvin sign is a k), so they make no word.
    return _spaces(value.lower()) if type(value) is str and value.isascii() else WRONG


def _list(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    return tuple(value) if type(value) is list and all(type(member) is str for member in value) else WRONG


def _strings(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401
    return (value,) if type(value) is str else _list(value)


def _bool(value: Any) -> bool | None:  # noqa: ANN401
    return value if type(value) is bool else WRONG


def _number(value: Any) -> float | None:  # noqa: ANN401
    return value if type(value) in (int, float) else WRONG


def _object(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401
    return value if isinstance(value, Mapping) else WRONG


# By their words: those are looked up faster than what they are words of.
_READINGS: Mapping[str, Callable[[Any], Value | None]] = MappingProxyType(
    {
        "string": _string,
        "spaces": _spaces,
        "words": _words,
        "list": _list,
        "strings": _strings,
        "bool": _bool,
        "number": _number,
        "object": _object,
    }
)

STANDARD_TYPES: Mapping[str, ClaimType] = MappingProxyType(
    {
        "act": ClaimType.OBJECT,
        "amr": ClaimType.LIST,
        "aud": ClaimType.STRINGS,
        "auth_time": ClaimType.NUMBER,
        "cnf": ClaimType.OBJECT,
        "email_verified": ClaimType.BOOL,
        "exp": ClaimType.NUMBER,
        "iat": ClaimType.NUMBER,
        "nbf": ClaimType.NUMBER,
    }
)
"""Claims whose type a specification fixes (RFC 7519, RFC 7800, RFC 8693, OpenID Connect Core)."""
