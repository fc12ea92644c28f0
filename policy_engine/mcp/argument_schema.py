"""A tool's `inputSchema` (JSON Schema 2020-12) read into argument types.

What is read: objects with `properties`, `required` and `additionalProperties`; `type`, also in a list with
"null", and an `anyOf` or `oneOf` of one schema and null; `enum` and `const` of scalars; `default`; arrays of
scalars. Keywords that only narrow a value (`pattern`, `maximum`, `minItems` …) don't change its type and stay
the server's business. A property with anything harder is opaque, and spoils nothing but itself.

`additionalProperties` absent counts as false: the tool is pinned, and an argument that its schema doesn't
name is one that nobody reviewed.
"""

from collections.abc import Mapping
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import (
    MISSING,
    RESERVED,
    ArgumentType,
    Collection,
    Member,
    Opaque,
    Record,
    Scalar,
    ScalarKind,
)
from policy_engine.mcp.arguments import check_value, refuse_reserved

__all__ = ["read_input_schema"]

_HARD = (
    "$ref", "$dynamicRef", "$recursiveRef", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "dependentSchemas", "dependencies", "patternProperties", "unevaluatedProperties", "unevaluatedItems",
    "prefixItems", "additionalItems",
)  # fmt: skip
"""Keywords that can give a value another type, other members or other defaults than those beside them."""

_KINDS: Mapping[str, ScalarKind] = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
}

_KIND_OF: Mapping[type, ScalarKind] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def read_input_schema(schema: Any) -> Record | Opaque:  # noqa: ANN401 -- a server's JSON
    """The types of a tool's arguments; opaque, with the reason, where the schema as a whole is too hard."""
    if not isinstance(schema, dict):
        return Opaque("there is no inputSchema that is an object")
    if schema.get("type") != "object":
        return Opaque("the inputSchema isn't one of an object")
    hard = _hard(schema)
    return Opaque(hard) if hard else _record(schema)


def _record(schema: dict[str, Any]) -> Record | Opaque:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not isinstance(properties, dict):
        return Opaque("`properties` isn't an object")
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        return Opaque("`required` isn't a list of names")
    members = {name: _member(name, inner, name in required) for name, inner in properties.items()}
    for name in required:
        members.setdefault(name, Member(type=Opaque("required, but not described"), required=True))
    return Record(members, open=schema.get("additionalProperties", False) is not False)


def _member(name: str, schema: Any, required: bool) -> Member:  # noqa: ANN401, FBT001 -- a server's JSON
    if name in RESERVED:
        return Member(type=Opaque("a name that Cedar reserves"), required=required)
    if not isinstance(schema, dict):
        return Member(type=Opaque("anything, or nothing"), required=required)
    schema, nullable = _without_null(schema)
    type_ = _type(schema)
    if isinstance(type_, Opaque):
        return Member(type=type_, required=required)
    default = schema.get("default", MISSING)
    if default is None:
        # Where null isn't allowed, `"default": null` is a generator's way to say that there is no default.
        return Member(type=type_, required=required, nullable=nullable, default=None if nullable else MISSING)
    if default is not MISSING:
        try:
            refuse_reserved(default)
            default = check_value(type_, default)
        except MessageError:
            return Member(type=Opaque("the default doesn't fit its own type"), required=required)
    return Member(type=type_, required=required, nullable=nullable, default=default)


def _without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema of what isn't null, and whether null is allowed."""
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        rest = {name: value for name, value in schema.items() if name != keyword}
        if isinstance(branches, list) and len(branches) == 2 and not {"type", "enum", "const"} & rest.keys():  # noqa: PLR2004 -- something, or null
            others = [branch for branch in branches if branch != {"type": "null"}]
            if len(others) == 1 and isinstance(others[0], dict):
                return {**others[0], **rest}, True
    types, choices = schema.get("type"), _choices(schema)
    if types is None:
        return schema, choices is not None and None in choices
    if not isinstance(types, list) or "null" not in types:
        return schema, False
    others = [name for name in types if name != "null"]
    return {**schema, "type": others}, choices is None or None in choices


def _type(schema: dict[str, Any]) -> ArgumentType:
    if hard := _hard(schema):
        return Opaque(hard)
    name = _type_name(schema)
    if kind := _KINDS.get(name or ""):
        return _scalar(kind, schema)
    if "enum" in schema or "const" in schema:
        return Opaque("choices that aren't scalars of one type")
    if name == "array":
        items = schema.get("items")
        element = _type(items) if isinstance(items, dict) else None
        return Collection(element) if isinstance(element, Scalar) else Opaque("an array of more than scalars")
    return _record(schema) if name == "object" else Opaque("no single type that Cedar has")


def _hard(schema: dict[str, Any]) -> str | None:
    return next((f"`{keyword}`" for keyword in _HARD if keyword in schema), None)


def _type_name(schema: dict[str, Any]) -> str | None:
    name = schema.get("type")
    if isinstance(name, list) and len(name) == 1:
        name = name[0]
    if name is None and (choices := _choices(schema)):
        kinds = {_KIND_OF.get(type(choice)) for choice in choices if choice is not None}
        name = kinds.pop() if len(kinds) == 1 else None
    return name if isinstance(name, str) else None


def _choices(schema: dict[str, Any]) -> list[Any] | None:
    choices = [schema["const"]] if "const" in schema else schema.get("enum")
    return choices if isinstance(choices, list) else None


def _scalar(kind: ScalarKind, schema: dict[str, Any]) -> Scalar | Opaque:
    if "enum" not in schema and "const" not in schema:
        return Scalar(kind)
    choices = [choice for choice in _choices(schema) or [] if choice is not None]
    try:
        for choice in choices:
            check_value(Scalar(kind), choice)
    except MessageError:
        return Opaque("a choice that doesn't fit the type")
    return Scalar(kind, tuple(choices)) if choices else Opaque("no choice at all")
