"""Types of a Cedar schema → what is known of a value of which only the type is (JSON schema format)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast, get_args

from policy_engine.cedar.fold.shapes import ANYTHING, PartialRecord, Shape, Unknown, record
from policy_engine.cedar.fold.values import Kind, Record
from policy_engine.model import CedarJson

__all__ = ["unknown_of", "unknown_record"]

CommonTypes = Mapping[str, CedarJson]

_NONE: CommonTypes = MappingProxyType({})
_KINDS = frozenset(get_args(Kind))
_PRIMITIVES: Mapping[str, Kind] = MappingProxyType(
    {"String": "string", "Long": "long", "Boolean": "bool", "Bool": "bool"}
)


def unknown_of(type_: CedarJson, common: CommonTypes = _NONE) -> Shape:
    """What is known of every value of a type; of a type that isn't known, nothing.

    Args:
        type_: a type in Cedar's JSON schema format.
        common: the types that others name, by name.
    """
    name = type_.get("type")
    match name:
        case "Record":
            return unknown_record(type_, common)
        case "Set":
            return Unknown("set")
        case "Entity":
            return Unknown("entity", type_.get("name"))
        case "Extension":
            kind = type_.get("name")
            return Unknown(cast("Kind", kind)) if kind in _KINDS else ANYTHING
        case "EntityOrCommon":
            return _named(type_.get("name"), common)
        case _:
            return _named(name, common)


def unknown_record(type_: CedarJson, common: CommonTypes = _NONE) -> Record | PartialRecord:
    """The same of a record type: which fields there are, or may be, and what is known of each."""
    attributes = type_.get("attributes", {})
    return record(
        {name: unknown_of(attribute, common) for name, attribute in attributes.items()},
        frozenset(name for name, attribute in attributes.items() if not attribute.get("required", True)),
        open=type_.get("additionalAttributes", False),
    )


def _named(name: object, common: CommonTypes) -> Shape:
    if not isinstance(name, str):
        return ANYTHING
    if name in common:
        return unknown_of(common[name], common)
    primitive = _PRIMITIVES.get(name)
    return ANYTHING if primitive is None else Unknown(primitive)
