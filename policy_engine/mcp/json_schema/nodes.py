"""What a schema allows, kind by kind: the form in which schemas are combined.

JSON Schema is a set of conditions, none of which says what a value *is*: `{"minLength": 1}` allows every
number, and `{"properties": …}` every string. So a schema is read into what it allows of each JSON type;
`allOf` and `$ref` then meet, `anyOf` joins, and only at the end is it asked which one type is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Literal

from policy_engine.mcp.argument_types import MISSING

__all__ = [
    "ANYTHING",
    "CONFLICT",
    "FREE",
    "KINDS",
    "NOTHING",
    "Constraint",
    "Items",
    "Kind",
    "Node",
    "Shape",
    "Unknown",
    "Values",
    "unknown",
]

Kind = Literal["null", "boolean", "string", "number", "array", "object"]

KINDS: tuple[Kind, ...] = ("null", "boolean", "string", "number", "array", "object")


class _Conflict(Enum):
    CONFLICT = "conflict"


CONFLICT: Final = _Conflict.CONFLICT
"""In place of a default: several schemas give one each, and they differ."""


@dataclass(frozen=True, slots=True)
class Values:
    """Scalars of one kind.

    Attributes:
        choices: the only ones there are; None for any.
        whole: of numbers, integers alone.
    """

    choices: frozenset[Any] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """Arrays of one kind of element; None for any."""

    element: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Objects.

    Attributes:
        members: those that are described, by name.
        required: names that have to be there, described or not.
        rest: what other members may be; None where nothing is said of them.
        reason: why this isn't all that there is to say, where it isn't: then only the names are known.
    """

    members: "Mapping[str, Node]"
    required: frozenset[str] = frozenset()
    rest: "Node | None" = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Values of one kind of which no more can be told, and why."""

    reason: str


Constraint = Values | Items | Shape | Unknown


@dataclass(frozen=True, slots=True)
class Node:
    """What one schema allows.

    Attributes:
        kinds: the JSON types that it allows, and what of each.
        reason: why it allows so many, where it isn't the schema's own doing.
        default: what a value that isn't given is taken for; `CONFLICT` where that can't be told.
    """

    kinds: Mapping[Kind, Constraint]
    reason: str | None = None
    default: Any = MISSING


FREE = Values()

_FREE_KINDS: Mapping[Kind, Constraint] = MappingProxyType(
    {
        "null": FREE,
        "boolean": FREE,
        "string": FREE,
        "number": FREE,
        "array": Items(),
        "object": Shape(MappingProxyType({})),
    }
)

ANYTHING = Node(_FREE_KINDS)
NOTHING = Node(MappingProxyType({}))


def unknown(reason: str) -> Node:
    """Anything, as far as can be told."""
    return Node({**_FREE_KINDS, "array": Unknown(reason), "object": Unknown(reason)}, reason)
