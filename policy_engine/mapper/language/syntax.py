"""The syntax tree of a rule: terms, which have a value, and tests, which are true, false or can't be told."""

from dataclasses import dataclass, field
from enum import StrEnum

from policy_engine.mapper.language.claim_path import ClaimPath
from policy_engine.mapper.language.claim_types import ClaimType
from policy_engine.mapper.language.patterns import Pattern
from policy_engine.mapper.language.reading import Reading, reading_of

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Constant",
    "FlagType",
    "FlagValue",
    "Id",
    "Join",
    "Named",
    "Not",
    "Presence",
    "Read",
    "Registered",
    "Setting",
    "Switch",
    "Term",
    "Test",
    "Text",
    "Texts",
    "Truth",
]


class FlagType(StrEnum):
    """What an operator may set a flag to."""

    BOOLEAN = "boolean"
    TEXT = "text"
    TEXTS = "texts"


FlagValue = bool | str | tuple[str, ...] | None
"""What an operator set a flag to; None is a text that was left out."""

# --- terms -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A string that the profile wrote."""

    value: str


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of strings that the profile wrote."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A claim or header parameter, with the type that it has.

    Attributes:
        value: what finds its value in a token, or refuses the token for its type; prepared once.
    """

    path: ClaimPath
    type: ClaimType
    value: Reading = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare to read it of many tokens."""
        object.__setattr__(self, "value", reading_of(self.path, self.type))


@dataclass(frozen=True, slots=True)
class Id:
    """`client_id`, `machine_id` or `user_id`: what the profile resolved, whichever claim that was."""

    name: str


@dataclass(frozen=True, slots=True)
class Setting:
    """`flag(name)` where it stands for a text, or a list of texts, that the operator sets.

    The value is known once the rule is settled for an issuer, and is no part of the spelling: an operator may
    list people's ids in a flag.
    """

    name: str
    many: bool
    value: FlagValue = None


@dataclass(frozen=True, slots=True)
class Join:
    """Texts one after the other."""

    pieces: tuple["Term", ...]


Term = Text | Texts | Truth | Read | Id | Setting | Join | Pattern

# --- tests -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """What a flag settled; None can't be told, for want of a setting."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two terms and an operator of `OPERATORS`."""

    left: Term
    operator: str
    right: Term


@dataclass(frozen=True, slots=True)
class Presence:
    """`present`, `absent` or `nonempty`, and what it asks it of."""

    word: str
    read: Read


@dataclass(frozen=True, slots=True)
class Registered:
    """Whether the operator listed whom `client_id` or `machine_id` names, with that grant if one is named.

    `people` and `machine` stand for any grant of that kind.
    """

    id: str
    grant: str | None


@dataclass(frozen=True, slots=True)
class Switch:
    """`flag(name)` where it stands alone: a Boolean that the operator sets."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A test that the profile defined under a name."""

    name: str
    test: "Test"


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary; of what can't be told, nothing can be told."""

    test: "Test"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`and`."""

    parts: tuple["Test", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`or`."""

    parts: tuple["Test", ...]


Test = Constant | Comparison | Presence | Registered | Switch | Named | Not | AllOf | AnyOf
