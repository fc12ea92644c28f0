"""Cedar's types, as its validator tells them apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "BOOL",
    "LONG",
    "STRING",
    "CedarType",
    "Constant",
    "EntityOf",
    "Field",
    "Plain",
    "RecordOf",
    "SetOf",
    "as_authors_say",
    "as_cedar_writes",
    "is_identifier",
    "path_of_names",
    "quoted",
    "union",
]


@dataclass(frozen=True, slots=True)
class Plain:
    """`Long`, `String`, `Bool`, or one of the extension types."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A `Bool` of which the validator knows what it is."""

    value: bool


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set."""

    element: "CedarType"


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a record or an entity."""

    type: "CedarType"
    required: bool = True


@dataclass(frozen=True, slots=True)
class RecordOf:
    """A closed record."""

    fields: Mapping[str, Field] = field(hash=False)


@dataclass(frozen=True, slots=True)
class EntityOf:
    """An entity of one type."""

    name: str


CedarType = Plain | Constant | SetOf | RecordOf | EntityOf

BOOL, LONG, STRING = Plain("Bool"), Plain("Long"), Plain("String")

_AUTHORS_SAY = {
    "Long": "an integer (Long)",
    "String": "a String",
    "Bool": "a Bool",
    "decimal": "a decimal",
    "datetime": "a datetime",
    "duration": "a duration",
    "ipaddr": "an IP address",
}


def as_cedar_writes(type_: CedarType) -> str:
    """The type as it stands in the validator's sentences."""
    match type_:
        case Constant():
            return f"__cedar::internal::{type_.value}"
        case SetOf():
            return f"Set<{as_cedar_writes(type_.element)}>"
        case RecordOf():
            parts = (
                f"{name}{'' if part.required else '?'}: {as_cedar_writes(part.type)},"
                for name, part in sorted(type_.fields.items())
            )
            return f"{{{''.join(parts)}}}"
        case Plain() | EntityOf():
            return type_.name


def as_authors_say(type_: CedarType) -> str:
    """The type with its article, in a sentence."""
    match type_:
        case Constant():
            return _AUTHORS_SAY["Bool"]
        case SetOf():
            return f"a set of {_plural(type_.element)}"
        case RecordOf():
            return "a record"
        case EntityOf():
            return f"an entity (`{type_.name}`)"
        case Plain():
            return _AUTHORS_SAY.get(type_.name, f"a {type_.name}")


def union(one: CedarType | None, other: CedarType | None) -> CedarType | None:
    """The type of something that is one or the other; None where there is no such type."""
    if one == other:
        return one
    match one, other:
        case ((Constant() | Plain("Bool")), (Constant() | Plain("Bool"))):
            return BOOL
        case SetOf(), SetOf():
            element = union(one.element, other.element)
            return None if element is None else SetOf(element)
        case RecordOf(), RecordOf() if one.fields.keys() == other.fields.keys():
            fields = {}
            for name, mine in one.fields.items():
                shared = union(mine.type, other.fields[name].type)
                if shared is None or mine.required != other.fields[name].required:
                    return None
                fields[name] = Field(shared, mine.required)
            return RecordOf(fields)
    return None


def quoted(text: str) -> str:
    """A text as it stands in Cedar."""
    return f'"{text.translate(_ESCAPES)}"'


def path_of_names(names: tuple[str, ...]) -> str:
    """A path of attributes as the validator writes it: `token.scopes`, `arguments["two words"]`."""
    written = "".join(f".{name}" if is_identifier(name) else f"[{quoted(name)}]" for name in names)
    return written.removeprefix(".")


def _plural(type_: CedarType) -> str:
    match type_:
        case Plain():
            return {"Long": "integers (Long)", "ipaddr": "IP addresses"}.get(type_.name, f"{type_.name}s")
        case Constant():
            return "Bools"
        case EntityOf():
            return f"entities (`{type_.name}`)"
        case SetOf():
            return "sets"
        case RecordOf():
            return "records"


_RESERVED = frozenset({"if", "then", "else", "true", "false", "in", "is", "like", "has", "__cedar"})
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"})


def is_identifier(name: str) -> bool:
    """Whether a name can stand without quotes."""
    return name.isascii() and name.isidentifier() and name not in _RESERVED
