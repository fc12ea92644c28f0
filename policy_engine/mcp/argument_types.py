"""What a tool's arguments are: a small typed tree between JSON Schema and Cedar.

| JSON                 | Cedar                                                       |
| -------------------- | ----------------------------------------------------------- |
| string               | String                                                      |
| boolean              | Bool                                                        |
| integer              | Long (64 bits)                                              |
| number               | decimal (4 digits after the point)                          |
| array                | Set (neither order nor repetition), of what Cedar compares  |
| object               | record                                                      |
| anything else        | none: policies don't see it, but learn that it was there    |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Literal, assert_never

from policy_engine.mcp.names import folded
from policy_engine.model import CedarJson

__all__ = [
    "MISSING",
    "RESERVED",
    "ArgumentType",
    "Collection",
    "Member",
    "Never",
    "Opaque",
    "Record",
    "Scalar",
    "ScalarKind",
    "cedar_type",
]

RESERVED: Mapping[str, str] = MappingProxyType(
    {
        "__entity": "Cedar reserves its name",
        "__expr": "Cedar reserves its name",
        "__extn": "Cedar reserves its name",
        "__proto__": "JavaScript reserves its name",
    }
)
"""Names that no argument has, at any depth, and why.

Cedar's JSON format reads the first three as something else than a record: an argument would become an entity
or an extension value. A JavaScript server that copies an object takes the last for its prototype, whose
members then stand in for those that aren't there: arguments that no policy saw.
"""

ScalarKind = Literal["string", "boolean", "integer", "number"]


_PLAIN: Mapping[ScalarKind, type] = MappingProxyType({"string": str, "boolean": bool, "integer": int})


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""No default; None is one."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value.

    Attributes:
        kind: its JSON type.
        choices: the only values it may have, where the schema lists them.
        plain: the Python type whose values are seen as they are; None where more has to be looked at.
    """

    kind: ScalarKind
    choices: frozenset[Any] | None = None
    plain: object = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Tell the usual case once, and not for each value."""
        object.__setattr__(self, "plain", _PLAIN.get(self.kind) if self.choices is None else None)


@dataclass(frozen=True, slots=True)
class Collection:
    """An array whose elements have one type, of values that are equal or not as a whole."""

    element: "Scalar | Collection | Record"


@dataclass(frozen=True, slots=True)
class Record:
    """An object.

    Attributes:
        members: by name.
        others: what members that aren't named here may be; policies don't see those. None if there may be
            none.
        folded: the names by the form in which lookalikes are equal.
        awaited: names of members that aren't simply absent where the caller leaves them out.
        shapes: what was found of names that came together; kept by whoever looks.
    """

    members: "Mapping[str, Member]"
    others: "Member | None" = None
    folded: Mapping[str, str] = field(init=False, repr=False, compare=False)
    awaited: frozenset[str] = field(init=False, repr=False, compare=False)
    shapes: dict[tuple[str, ...], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look at the names once, and not for each object that is held against them."""
        object.__setattr__(self, "folded", folded(self.members))
        awaited = (
            name for name, member in self.members.items() if member.required or member.default is not MISSING
        )
        object.__setattr__(self, "awaited", frozenset(awaited))


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that policies don't see, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Never:
    """What nothing fits: it may not be given, unless as null where that is allowed."""


ArgumentType = Scalar | Collection | Record | Never | Opaque


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One named member of an object.

    Attributes:
        type: what it is.
        required: whether the caller must give it.
        nullable: whether the schema allows null; to policies, null is absent.
        default: what it is if the caller doesn't give it.
        plain: that of its type, if that is a scalar.
        texts: whether it is a list of any texts.
    """

    type: ArgumentType
    required: bool = False
    nullable: bool = False
    default: Any = MISSING
    plain: object = field(init=False, repr=False, compare=False)
    texts: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Tell the usual cases once."""
        type_ = self.type
        texts = isinstance(type_, Collection) and type_.element == Scalar("string")
        object.__setattr__(self, "plain", type_.plain if isinstance(type_, Scalar) else None)
        object.__setattr__(self, "texts", texts)

    @property
    def always_there(self) -> bool:
        """Whether policies may read it without asking for it first."""
        return not self.nullable and (self.required or self.default is not MISSING)


_SCALARS: Mapping[ScalarKind, CedarJson] = MappingProxyType(
    {
        "string": {"type": "String"},
        "boolean": {"type": "Boolean"},
        "integer": {"type": "Long"},
        "number": {"type": "Extension", "name": "decimal"},
    }
)


def cedar_type(type_: Scalar | Collection | Record) -> CedarJson:
    """The type in Cedar's JSON schema format; what policies never see is left out."""
    match type_:
        case Scalar():
            return dict(_SCALARS[type_.kind])
        case Collection():
            return {"type": "Set", "element": cedar_type(type_.element)}
        case Record():
            return {
                "type": "Record",
                "attributes": {
                    name: {**cedar_type(member.type), "required": member.always_there}
                    for name, member in type_.members.items()
                    if not isinstance(member.type, Opaque | Never)
                },
            }
        case _:
            assert_never(type_)
