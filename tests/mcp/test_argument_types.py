"""json_schema and argument_types: each keyword read into what Cedar has types for."""

from typing import Any

import pytest

from policy_engine.mcp.argument_types import (
    ArgumentType,
    Collection,
    Member,
    Never,
    Opaque,
    Record,
    Scalar,
    cedar_type,
)
from policy_engine.mcp.json_schema import read_input_schema

STRING = Scalar("string")
ANY = Member(type=Opaque("it may be anything"), nullable=True)


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
    "choices": ({"type": "string", "enum": ["a", "b"]}, Scalar("string", frozenset({"a", "b"}))),
    "choices without a type": ({"enum": [1, 2]}, Scalar("integer", frozenset({1, 2}))),
    "one choice": ({"const": True}, Scalar("boolean", frozenset({True}))),
    "numbers to choose from": ({"type": "number", "enum": [1, 2.5]}, Scalar("number", frozenset({1, 2.5}))),
    "an array": (
        {"type": "array", "items": {"type": "integer"}, "minItems": 1},
        Collection(Scalar("integer")),
    ),
    "an array of choices": (
        {"type": "array", "items": {"enum": ["a"]}},
        Collection(Scalar("string", frozenset({"a"}))),
    ),
    "an object": (
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        Record({"a": Member(type=STRING, required=True)}),
    ),
    "an object without properties": ({"type": "object"}, Record({})),
    "an open object": ({"type": "object", "additionalProperties": True}, Record({}, others=ANY)),
    "an object of strings": (
        {"type": "object", "additionalProperties": {"type": "string"}},
        Record({}, others=Member(type=STRING)),
    ),
    "a closed object": ({"type": "object", "additionalProperties": False}, Record({})),
    "something required but not described": (
        {"type": "object", "required": ["a"]},
        Record({"a": Member(type=Opaque("it is required, but not described"), required=True)}),
    ),
    "something required that may not be there": (
        {"type": "object", "required": ["a"], "additionalProperties": False},
        Record({"a": Member(type=Never(), required=True)}),
    ),
    "something required of those that aren't named": (
        {"type": "object", "required": ["a"], "additionalProperties": {"type": "string"}},
        Record({"a": Member(type=STRING, required=True)}, others=Member(type=STRING)),
    ),
    "an array of objects that are complete": (
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"type": "integer", "default": 1}},
                "required": ["a"],
            },
        },
        Collection(
            Record({"a": Member(type=STRING, required=True), "b": Member(type=Scalar("integer"), default=1)})
        ),
    ),
    "an array of arrays": (
        {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        Collection(Collection(STRING)),
    ),
    "only null": ({"type": "null"}, Never()),
    "nothing": (False, Never()),
    "no choice": ({"type": "string", "enum": []}, Never()),
    "no choice of its type": ({"type": "integer", "enum": [True, "1"]}, Never()),
    "some choices of its type": ({"type": "string", "enum": ["a", 1]}, Scalar("string", frozenset({"a"}))),
    "integers among the choices": ({"type": "integer", "enum": [1, 2.5]}, Scalar("integer", frozenset({1}))),
    "a choice among choices": ({"enum": ["a", "b"], "const": "b"}, Scalar("string", frozenset({"b"}))),
    "patterns of names that aren't": ({"type": "object", "patternProperties": {}}, Record({})),
}


@pytest.mark.parametrize(("schema", "expected"), TYPES.values(), ids=TYPES.keys())
def test_a_schema_is_read_into_a_type(schema: Any, expected: ArgumentType) -> None:
    """What only narrows a value doesn't matter to its type."""
    assert _read(schema) == expected


OPAQUE: dict[str, tuple[Any, str]] = {
    "anything": (True, "it may be anything"),
    "no type": ({"description": "?"}, "it may be anything"),
    "what is no schema": (5, "its schema is none"),
    "two types": ({"type": ["string", "integer"]}, "it may be a string or a number"),
    "a type that isn't one": ({"type": {"a": 1}}, "its `type` is none that JSON Schema has"),
    "a list of what isn't a type": ({"type": [["string"]]}, "its `type` is none that JSON Schema has"),
    "an unknown type": ({"type": "date"}, "its `type` is none that JSON Schema has"),
    "patterns of names": (
        {"type": "object", "patternProperties": {"^a": {}}},
        "its schema has `patternProperties`",
    ),
    "an array of anything": ({"type": "array"}, "of its elements, it may be anything"),
    "an array of objects that may lack a member": (
        {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
        "its objects may have different members",
    ),
    "an array of open objects": (
        {"type": "array", "items": {"type": "object", "additionalProperties": True}},
        "its objects may have different members",
    ),
    "an array of objects that are seen in part": (
        {"type": "array", "items": {"type": "object", "properties": {"a": {}}, "required": ["a"]}},
        "its objects may have different members",
    ),
    "an array that may hold null": (
        {"type": "array", "items": {"type": ["string", "null"]}},
        "its elements may be null",
    ),
    "an array that has to be empty": ({"type": "array", "items": False}, "it has to be empty"),
    "a tuple": ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, "it is a tuple"),
    "a tuple of old": ({"type": "array", "items": [{"type": "string"}]}, "it is a tuple"),
    "an array of what is left": (
        {"type": "array", "unevaluatedItems": {"type": "string"}},
        "its schema has `unevaluatedItems`",
    ),
    "choices of two types": ({"enum": ["a", 1]}, "it may be a string or a number"),
    "choices that are objects": ({"enum": [{}]}, "its choices aren't scalars"),
    "choices for an object": ({"type": "object", "enum": [{}]}, "its choices aren't scalars"),
    "choices that aren't a list": ({"type": "object", "enum": "ab"}, "its `enum` isn't a list"),
    "too precise a choice": (
        {"type": "number", "const": 0.00001},
        "its choices have numbers that Cedar hasn't",
    ),
    "properties that aren't": ({"type": "object", "properties": []}, "its `properties` aren't an object"),
    "required that isn't": ({"type": "object", "required": "a"}, "its `required` isn't a list of names"),
    "required that isn't names": (
        {"type": "object", "required": [1]},
        "its `required` isn't a list of names",
    ),
    "a default of another type": (
        {"type": "integer", "default": "5"},
        "its default doesn't fit its own type",
    ),
    "a default that isn't a choice": (
        {"enum": ["a"], "default": "b"},
        "its default doesn't fit its own type",
    ),
    "a default for what nothing fits": (
        {"not": {}, "enum": [], "default": 1},
        "its default doesn't fit its own type",
    ),
    "a default with a reserved name": (
        {"type": "object", "additionalProperties": True, "default": {"a": {"__entity": {}}}},
        "its default doesn't fit its own type",
    ),
}


@pytest.mark.parametrize(("schema", "reason"), OPAQUE.values(), ids=OPAQUE.keys())
def test_what_cedar_has_no_type_for_is_opaque_and_says_why(schema: Any, reason: str) -> None:
    """It spoils nothing but itself."""
    assert _read(schema) == Opaque(reason)


@pytest.mark.parametrize(
    ("name", "whose"),
    [("__entity", "Cedar"), ("__extn", "Cedar"), ("__expr", "Cedar"), ("__proto__", "JavaScript")],
)
def test_a_property_that_somebody_would_misread_is_opaque(name: str, whose: str) -> None:
    """Its neighbours aren't."""
    record = read_input_schema(
        {"type": "object", "properties": {name: {"type": "string"}, "x": {"type": "string"}}}
    )

    assert record == Record(
        {name: Member(type=Opaque(f"{whose} reserves its name")), "x": Member(type=STRING)}
    )


@pytest.mark.parametrize("described", [True, False])
def test_an_object_with_a_huge_name_is_opaque(described: bool) -> None:  # noqa: FBT001 -- a row of the table
    """It would be folded in every call; one at the limit is read."""

    def read(name: str) -> Any:
        schema = {"type": "object", "properties": {name: {}} if described else {}, "required": [name]}
        return read_input_schema({"type": "object", "properties": {"o": schema, "x": {"type": "string"}}})

    huge, longest = read("a" * 257), read("a" * 256)

    assert huge.members["o"] == Member(type=Opaque("one of its names has more than 256 characters"))
    assert huge.members["x"] == Member(type=STRING)
    assert list(longest.members["o"].type.members) == ["a" * 256]


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
        Member(type=Scalar("string", frozenset({"a"})), nullable=True),
        False,
    ),
    "null among types and choices": (
        {"type": ["string", "null"], "enum": ["a", None]},
        Member(type=Scalar("string", frozenset({"a"})), nullable=True),
        False,
    ),
    "null among types but not choices": (
        {"type": ["string", "null"], "enum": ["a"]},
        Member(type=Scalar("string", frozenset({"a"}))),
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
                "rows": {"type": "array", "items": {"type": "object"}},
                "hidden": {"$ref": "#"},
                "never": False,
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
            "rows": {
                "type": "Set",
                "element": {"type": "Record", "attributes": {}},
                "required": False,
            },
        },
    }
