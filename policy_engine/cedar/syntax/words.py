"""The words of the language: which are reserved, and which are functions and methods.

From docs.cedarpolicy.com ("Grammar specification", "Operators"), checked against cedarpy by the tests.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from policy_engine.cedar.syntax.tree import BinaryOperator

__all__ = [
    "BINARY_METHODS",
    "EXTENSION_FUNCTIONS",
    "EXTENSION_METHODS",
    "INFIX",
    "IS_EMPTY",
    "MAX_LONG",
    "MOST_SIGNS",
    "RESERVED",
    "VARIABLES",
    "is_identifier",
    "likely_entity",
    "nearest",
]

MAX_LONG = 2**63 - 1

MOST_SIGNS = 4
"""How many `!`, or how many `-`, may stand in a row."""

VARIABLES = frozenset({"principal", "action", "resource", "context"})

RESERVED = frozenset({"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"})
"""Words that name no attribute, type or variable, unless they stand in quotes."""

BINARY_METHODS: Mapping[str, BinaryOperator] = MappingProxyType(
    {name: name for name in ("contains", "containsAll", "containsAny", "getTag", "hasTag")}
)
"""Methods of one argument that the language itself has."""

IS_EMPTY = "isEmpty"
"""The language's one method without an argument."""

INFIX: Mapping[str, BinaryOperator] = MappingProxyType(
    {name: name for name in ("&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "in")}
)

EXTENSION_FUNCTIONS = frozenset({"ip", "decimal", "datetime", "duration", "unknown"})

EXTENSION_METHODS = frozenset(
    {
        "greaterThan",
        "greaterThanOrEqual",
        "lessThan",
        "lessThanOrEqual",
        "isInRange",
        "isIpv4",
        "isIpv6",
        "isLoopback",
        "isMulticast",
        "durationSince",
        "offset",
        "toDate",
        "toDays",
        "toHours",
        "toMilliseconds",
        "toMinutes",
        "toSeconds",
        "toTime",
    }
)

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_identifier(text: str) -> bool:
    """Whether a name can stand without quotes."""
    return _IDENTIFIER.fullmatch(text) is not None and text not in RESERVED


def likely_entity(path: str) -> str:
    """What `User::alice` was probably meant to be, as it is written."""
    kind, _, name = path.rpartition("::")
    return f'{kind}::"{name}"' if kind and not name[:1].isupper() else f'{path}::"…"'


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or nothing."""
    return next(iter(get_close_matches(word, sorted(known), 1)), "")
