"""argument_schema and argument_types: JSON Schema read into what Cedar has types for."""

from typing import Any

import pytest

from policy_engine.mcp.argument_schema import read_input_schema
from policy_engine.mcp.argument_types import (
    ArgumentType,
    Collection,
    Member,
    Opaque,
    Record,
    Scalar,
    cedar_type,
)

STRING = Scalar("string")


def _read(schema: Any) -> ArgumentType:
    """The type of one property."""
    return _member(schema).type


def _member(schema: Any, *required: str) -> Member:
    record = read_input_schema({"type": "object", "properties": {"x": schema}, "required": list(required)})
    assert isinstance(record, Record)
    return record.members["x"]


TYPES: dict[str, tuple[Any, ArgumentType]] = {
    "string": ({"type": "string", "pattern": "^a", "format": "uri"}, STRING),
    "boolean": ({"type": "boolean"}, Scalar("boolean")),
    "integer": ({"type": "integer", "maximum": 3}, Scalar("integer")),
    "number": ({"type": "number"}, Scalar("number")),
    "a type in a list": ({"type": ["string"]}, STRING),
    "choices": ({"type": "string", "enum": ["a", "b"]}, Scalar("string", ("a", "b"))),
    "choices without a type": ({"enum": [1, 2]}, Scalar("integer", (1, 2))),
    "one choice": ({"const": True}, Scalar("boolean", (True,))),
    "numbers to choose from": ({"type": "number", "enum": [1, 2.5]}, Scalar("number", (1, 2.5))),
    "an array": (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        Collection(Scalar("integer")),
    ),
    "an array of choices": (
        {"type": "array", "items": {"enum": ["a"]}},
        Collection(Scalar("string", ("a",))),
    ),
    "an object": (
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        Record({"a": Member(type=STRING, required=True)}),
    ),
    "an object without properties": ({"type": "object"}, Record({})),
    "an open object": ({"type": "object", "additionalProperties": True}, Record({}, open=True)),
    "an object of strings": (
        {"type": "object", "additionalProperties": {"type": "string"}},
        Record({}, open=True),
    ),
    "a closed object": ({"type": "object", "additionalProperties": False}, Record({})),
    "something required but not described": (
        {"type": "object", "required": ["a"]},
        Record({"a": Member(type=Opaque("required, but not described"), required=True)}),
    ),
}


@pytest.mark.parametrize(("schema", "expected"), TYPES.values(), ids=TYPES.keys())
def test_a_schema_is_read_into_a_type(schema: Any, expected: ArgumentType) -> None:
    """What only narrows a value doesn't matter to its type."""
    assert _read(schema) == expected


OPAQUE: dict[str, tuple[Any, str]] = {
    "anything": (True, "anything, or nothing"),
    "no type": ({"description": "?"}, "no single type that Cedar has"),
    "two types": ({"type": ["string", "integer"]}, "no single type that Cedar has"),
    "a type that isn't one": ({"type": {"a": 1}}, "no single type that Cedar has"),
    "a list of what isn't a type": ({"type": [["string"]]}, "no single type that Cedar has"),
    "an unknown type": ({"type": "date"}, "no single type that Cedar has"),
    "only null": ({"type": "null"}, "no single type that Cedar has"),
    "a reference": ({"$ref": "#/$defs/a"}, "`$ref`"),
    "a reference beside a type": ({"type": "string", "$ref": "#/$defs/a"}, "`$ref`"),
    "alternatives": ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "`anyOf`"),
    "three alternatives": ({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "integer"}]}, "`anyOf`"),
    "alternatives that aren't schemas": ({"anyOf": [True, {"type": "null"}]}, "`anyOf`"),
    "null twice": ({"anyOf": [{"type": "null"}, {"type": "null"}]}, "`anyOf`"),
    "alternatives beside a type": (
        {"type": "string", "oneOf": [{"type": "string"}, {"type": "null"}]},
        "`oneOf`",
    ),
    "alternatives within": (
        {"anyOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"type": "null"}]},
        "`anyOf`",
    ),
    "patterns of names": ({"type": "object", "patternProperties": {}}, "`patternProperties`"),
    "an array of anything": ({"type": "array"}, "an array of more than scalars"),
    "an array of objects": ({"type": "array", "items": {"type": "object"}}, "an array of more than scalars"),
    "an array that may hold null": (
        {"type": "array", "items": {"type": ["string", "null"]}},
        "an array of more than scalars",
    ),
    "a tuple": ({"type": "array", "prefixItems": []}, "`prefixItems`"),
    "choices of two types": ({"enum": ["a", 1]}, "choices that aren't scalars of one type"),
    "choices that are objects": ({"enum": [{}]}, "choices that aren't scalars of one type"),
    "choices for an object": ({"type": "object", "enum": [{}]}, "choices that aren't scalars of one type"),
    "choices that aren't a list": ({"type": "string", "enum": "ab"}, "no choice at all"),
    "no choice": ({"type": "string", "enum": []}, "no choice at all"),
    "a choice of another type": ({"type": "string", "enum": ["a", 1]}, "a choice that doesn't fit the type"),
    "true as an integer": ({"type": "integer", "enum": [True]}, "a choice that doesn't fit the type"),
    "too precise a choice": ({"type": "number", "const": 0.00001}, "a choice that doesn't fit the type"),
    "properties that aren't": ({"type": "object", "properties": []}, "`properties` isn't an object"),
    "required that isn't": ({"type": "object", "required": "a"}, "`required` isn't a list of names"),
    "required that isn't names": ({"type": "object", "required": [1]}, "`required` isn't a list of names"),
    "a default of another type": (
        {"type": "integer", "default": "5"},
        "the default doesn't fit its own type",
    ),
    "a default that isn't a choice": (
        {"enum": ["a"], "default": "b"},
        "the default doesn't fit its own type",
    ),
    "a default with a reserved name": (
        {"type": "object", "additionalProperties": True, "default": {"a": {"__entity": {}}}},
        "the default doesn't fit its own type",
    ),
}


@pytest.mark.parametrize(("schema", "reason"), OPAQUE.values(), ids=OPAQUE.keys())
def test_what_cedar_has_no_type_for_is_opaque_and_says_why(schema: Any, reason: str) -> None:
    """It spoils nothing but itself."""
    assert _read(schema) == Opaque(reason)


@pytest.mark.parametrize("name", ["__entity", "__extn", "__expr"])
def test_a_property_that_cedar_would_misread_is_opaque(name: str) -> None:
    """Its neighbours aren't."""
    record = read_input_schema(
        {"type": "object", "properties": {name: {"type": "string"}, "x": {"type": "string"}}}
    )

    assert record == Record(
        {name: Member(type=Opaque("a name that Cedar reserves")), "x": Member(type=STRING)}
    )


MEMBERS: dict[str, tuple[Any, Member, bool]] = {
    "optional": ({"type": "string"}, Member(type=STRING), False),
    "a default": ({"type": "string", "default": "a"}, Member(type=STRING, default="a"), True),
    "a default of null, where null isn't allowed": (
        {"type": "string", "default": None},
        Member(type=STRING),
        False,
    ),
    "null in the list of types": (
        {"type": ["null", "string"], "default": None},
        Member(type=STRING, nullable=True, default=None),
        False,
    ),
    "null as an alternative": (
        {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "a", "title": "A"},
        Member(type=STRING, nullable=True, default="a"),
        False,
    ),
    "null as an exclusive alternative": (
        {"oneOf": [{"type": "null"}, {"type": "string"}]},
        Member(type=STRING, nullable=True),
        False,
    ),
    "null among the choices": (
        {"enum": ["a", None]},
        Member(type=Scalar("string", ("a",)), nullable=True),
        False,
    ),
    "null among types and choices": (
        {"type": ["string", "null"], "enum": ["a", None]},
        Member(type=Scalar("string", ("a",)), nullable=True),
        False,
    ),
    "null among types but not choices": (
        {"type": ["string", "null"], "enum": ["a"]},
        Member(type=Scalar("string", ("a",))),
        False,
    ),
    "defaults within a default": (
        {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}, "default": {}},
        Member(type=Record({"a": Member(type=Scalar("integer"), default=1)}), default={"a": 1}),
        True,
    ),
}


@pytest.mark.parametrize(("schema", "expected", "always"), MEMBERS.values(), ids=MEMBERS.keys())
def test_a_member_is_there_always_or_not(schema: Any, expected: Member, always: bool) -> None:  # noqa: FBT001 -- a row of the table
    """A default makes it so, null unmakes it."""
    member = _member(schema)

    assert (member, member.always_there) == (expected, always)


def test_a_required_member_is_always_there_unless_it_may_be_null() -> None:
    """Policies see null as absent."""
    assert _member({"type": "string"}, "x").always_there
    assert not _member({"type": ["string", "null"]}, "x").always_there


def test_a_type_is_written_in_cedars_json_format() -> None:
    """Opaque members are left out; the rest says whether it is always there."""
    record = read_input_schema(
        {
            "type": "object",
            "properties": {
                "s": {"type": "string"},
                "b": {"type": "boolean"},
                "i": {"type": "integer", "default": 1},
                "n": {"type": "number"},
                "a": {"type": "array", "items": {"type": "string"}},
                "o": {"type": "object", "properties": {"in": {"type": "string"}}},
                "hidden": {"$ref": "#"},
            },
            "required": ["s", "hidden"],
        }
    )
    assert isinstance(record, Record)

    assert cedar_type(record) == {
        "type": "Record",
        "attributes": {
            "s": {"type": "String", "required": True},
            "b": {"type": "Boolean", "required": False},
            "i": {"type": "Long", "required": True},
            "n": {"type": "Extension", "name": "decimal", "required": False},
            "a": {"type": "Set", "element": {"type": "String"}, "required": False},
            "o": {
                "type": "Record",
                "attributes": {"in": {"type": "String", "required": False}},
                "required": False,
            },
        },
    }
