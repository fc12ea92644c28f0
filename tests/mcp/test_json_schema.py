"""json_schema: schemas that refer to others, hold together, or are alternatives."""

import time
from typing import Any

import pytest

from policy_engine.mcp.argument_types import (
    MISSING,
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

STRING, INTEGER, NUMBER = Scalar("string"), Scalar("integer"), Scalar("number")
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
DEFS: dict[str, Any] = {
    "text": TEXT,
    "choice": {"enum": ["a", "b"]},
    "a/b~c%": WHOLE,
    "": {"type": "boolean"},
    "named": {"$anchor": "here", "type": "number"},
    "again": {"$ref": "#/$defs/text"},
    "tree": {"type": "object", "properties": {"value": WHOLE, "next": {"$ref": "#/$defs/tree"}}},
    "forest": {"type": "array", "items": {"$ref": "#/$defs/forest"}},
    "loop": {"$ref": "#/$defs/loop"},
    "twin1": {"$anchor": "twin", "type": "string"},
    "twin2": {"$anchor": "twin", "type": "string"},
    "some": {"anyOf": [TEXT, WHOLE]},
    "base": {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
    "closed": {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
    "preset": {"type": "integer", "default": 3},
}


def _member(schema: Any, **root: Any) -> Member:
    record = read_input_schema({"type": "object", "properties": {"x": schema}, "$defs": DEFS, **root})
    assert isinstance(record, Record)
    return record.members["x"]


def _ref(pointer: str) -> dict[str, Any]:
    return {"$ref": pointer}


A = Member(type=STRING, required=True)
NO_TYPES: tuple[Any, ...] = (5, None, True, {"x": 1}, [[]], [{}], ["text"])

REFERENCES: dict[str, tuple[Any, ArgumentType]] = {
    "a definition": (_ref("#/$defs/text"), STRING),
    "through another": (_ref("#/$defs/again"), STRING),
    "escapes of pointers and of URIs": (_ref("#/$defs/a~1b~0c%25"), INTEGER),
    "an empty name": (_ref("#/$defs/"), Scalar("boolean")),
    "an anchor": (_ref("#here"), NUMBER),
    "a branch by its place": (_ref("#/$defs/some/anyOf/1"), INTEGER),
    "neighbours that narrow it": (
        {"$ref": "#/$defs/choice", "enum": ["b", "c"]},
        Scalar("string", frozenset({"b"})),
    ),
    "neighbours that contradict it": ({"$ref": "#/$defs/text", "type": "integer"}, Never()),
    "neighbours that describe more": (
        {"$ref": "#/$defs/base", "properties": {"b": WHOLE}, "required": ["b"]},
        Record({"b": Member(type=INTEGER, required=True), "a": A}),
    ),
    "neighbours of what is closed": (
        {"$ref": "#/$defs/closed", "properties": {"b": WHOLE}},
        Record({"b": Member(type=Never()), "a": Member(type=STRING)}),
    ),
    "itself, in a part": (
        _ref("#/$defs/tree"),
        Record({"value": Member(type=INTEGER), "next": Member(type=Opaque("its schema contains itself"))}),
    ),
    "itself, in its elements": (
        _ref("#/$defs/forest"),
        Opaque("of its elements, its schema contains itself"),
    ),
    **{
        f"itself, of a type that is none: {bad!r}": (
            {"type": bad, "anyOf": [_ref("#/properties/x")]},
            Opaque("its `type` is none that JSON Schema has"),
        )
        for bad in NO_TYPES
    },
    "itself alone": (_ref("#/$defs/loop"), Opaque("its schema contains itself")),
    "the whole": (_ref("#"), Opaque("its schema contains itself")),
    "another document": (_ref("https://example.com/a"), Opaque("its `$ref` leads to another document")),
    "a file": (_ref("file:///etc/passwd"), Opaque("its `$ref` leads to another document")),
    "a neighbouring document": (_ref("defs.json#/a"), Opaque("its `$ref` leads to another document")),
    "another document, beside a type": ({"$ref": "https://example.com/a", "type": "string"}, STRING),
    "nothing": (_ref("#/$defs/nothing"), Opaque("its `$ref` leads to nothing")),
    "beyond a list": (_ref("#/$defs/some/anyOf/2"), Opaque("its `$ref` leads to nothing")),
    "a number that isn't one": (_ref("#/$defs/some/anyOf/01"), Opaque("its `$ref` leads to nothing")),
    "into a text": (_ref("#/$defs/text/type/0"), Opaque("its `$ref` leads to nothing")),
    "a bad escape": (_ref("#/$defs/a~2"), Opaque("its `$ref` leads to nothing")),
    "what isn't UTF-8": (_ref("#/%ff"), Opaque("its `$ref` leads to nothing")),
    "no anchor": (_ref("#nowhere"), Opaque("its `$ref` leads to no anchor, or to several")),
    "two anchors": (_ref("#twin"), Opaque("its `$ref` leads to no anchor, or to several")),
    "what isn't a schema": (_ref("#/$defs/text/type"), Opaque("its schema is none")),
    "what isn't text": ({"$ref": 1}, Opaque("its `$ref` isn't text")),
    "something dynamic": (
        {"$dynamicRef": "#here"},
        Opaque("its `$ref` depends on where it is followed from"),
    ),
}


@pytest.mark.parametrize(("schema", "expected"), REFERENCES.values(), ids=REFERENCES.keys())
def test_a_reference_is_followed_within_the_schema(schema: Any, expected: ArgumentType) -> None:
    """And nowhere else; what stands beside it holds too."""
    assert _member(schema).type == expected


def test_definitions_may_have_their_old_name() -> None:
    """Any place of the schema can be referred to."""
    assert _member(_ref("#/definitions/t"), definitions={"t": TEXT}).type == STRING


def test_a_document_within_the_document_leaves_no_reference_certain() -> None:
    """`$id` changes what a `$ref` is relative to."""
    within = {"$id": "https://example.com/inner", "$defs": {"text": WHOLE}, "$ref": "#/$defs/text"}

    assert _member(within).type == Opaque("its schema has a `$ref`, and an `$id` within")
    assert _member(_ref("#/$defs/text"), **{"$id": "https://example.com/tool"}).type == STRING


COMBINED: dict[str, tuple[Any, ArgumentType]] = {
    "one schema": ({"anyOf": [TEXT]}, STRING),
    "choices and choices": (
        {"anyOf": [{"const": "a"}, {"enum": ["b"]}]},
        Scalar("string", frozenset({"a", "b"})),
    ),
    "exclusive choices": (
        {"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]},
        Scalar("string", frozenset({"a", "b"})),
    ),
    "choices, or any": ({"anyOf": [{"enum": ["a"]}, TEXT]}, STRING),
    "patterns": (
        {"anyOf": [{"type": "string", "pattern": "a"}, {"type": "string", "format": "uri"}]},
        STRING,
    ),
    "patterns beside the type": ({"type": "string", "anyOf": [{"pattern": "a"}, {"minLength": 3}]}, STRING),
    "integers or numbers": ({"anyOf": [WHOLE, {"type": "number"}]}, NUMBER),
    "integers and numbers": ({"allOf": [WHOLE, {"type": "number"}]}, INTEGER),
    "integers or some of them": ({"anyOf": [WHOLE, {"enum": [1]}]}, INTEGER),
    "integers or some other numbers": (
        {"anyOf": [WHOLE, {"enum": [0.5]}]},
        Opaque("it may be an integer, or some other numbers"),
    ),
    "a string or a list of them": (
        {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
        Opaque("it may be a string or an array"),
    ),
    "two arrays": (
        {"anyOf": [{"type": "array", "items": TEXT}, {"type": "array", "items": WHOLE}]},
        Opaque("it may be one of several arrays"),
    ),
    "an array of fewer, and one of more": (
        {"anyOf": [{"type": "array", "items": {"enum": ["a"]}}, {"type": "array", "items": TEXT}]},
        Collection(STRING),
    ),
    "any array, or a certain one": (
        {"anyOf": [{"type": "array"}, {"type": "array", "items": TEXT}]},
        Opaque("of its elements, it may be anything"),
    ),
    "what is unknown, or a string": (
        {"anyOf": [_ref("https://example.com/a"), TEXT]},
        Opaque("its `$ref` leads to another document"),
    ),
    "an unknown array, or another": (
        {"anyOf": [{"type": "array", "items": TEXT}, {"type": "array", "prefixItems": []}]},
        Opaque("it is a tuple"),
    ),
    "the same object twice": ({"anyOf": [_ref("#/$defs/base"), _ref("#/$defs/base")]}, Record({"a": A})),
    "two objects": (
        {"anyOf": [_ref("#/$defs/base"), _ref("#/$defs/closed")]},
        Opaque("it may have several shapes"),
    ),
    "three alternatives": (
        {"anyOf": [TEXT, {"type": "null"}, WHOLE]},
        Opaque("it may be a string or a number"),
    ),
    "alternatives that are anything": ({"anyOf": [True, {"type": "null"}]}, Opaque("it may be anything")),
    "null beside a type": ({"type": "string", "oneOf": [TEXT, {"type": "null"}]}, STRING),
    "objects that hold together": (
        {"allOf": [_ref("#/$defs/base"), {"properties": {"b": WHOLE}, "required": ["b"]}]},
        Record({"a": A, "b": Member(type=INTEGER, required=True)}),
    ),
    "objects, one of them closed": (
        {"type": "object", "properties": {"b": WHOLE}, "allOf": [_ref("#/$defs/closed")]},
        Record({"b": Member(type=Never()), "a": Member(type=STRING)}),
    ),
    "members that hold together": (
        {"allOf": [_ref("#/$defs/base"), {"properties": {"a": {"enum": ["p"]}}}]},
        Record({"a": Member(type=Scalar("string", frozenset({"p"})), required=True)}),
    ),
    "what holds of others": (
        {"properties": {"b": WHOLE}, "allOf": [{"type": "object", "additionalProperties": {"enum": [1, 2]}}]},
        Record(
            {"b": Member(type=Scalar("integer", frozenset({1, 2})))},
            others=Member(type=Scalar("integer", frozenset({1, 2}))),
        ),
    ),
    "arrays that hold together": (
        {"type": "array", "items": TEXT, "allOf": [{"items": {"enum": ["a"]}}, {"type": "array"}]},
        Collection(Scalar("string", frozenset({"a"}))),
    ),
    "closed after all": (
        {"allOf": [_ref("#/$defs/base")], "unevaluatedProperties": False},
        Record({"a": A}),
    ),
    "open after all": (
        {"allOf": [_ref("#/$defs/base")], "unevaluatedProperties": TEXT},
        Record({"a": A}, others=Member(type=STRING)),
    ),
    "an unknown object and a known one": (
        {"allOf": [_ref("https://example.com/a"), _ref("#/$defs/base")]},
        Opaque("its `$ref` leads to another document"),
    ),
    "no list": ({"type": "object", "allOf": {}}, Opaque("its `allOf` isn't a list of schemas")),
    "an empty list": ({"type": "object", "anyOf": []}, Opaque("its `anyOf` isn't a list of schemas")),
}


@pytest.mark.parametrize(("schema", "expected"), COMBINED.values(), ids=COMBINED.keys())
def test_schemas_are_combined_into_one_type_or_none(schema: Any, expected: ArgumentType) -> None:
    """Exactly: nothing is accepted that the schema doesn't allow."""
    assert _member(schema).type == expected


HIDDEN = Member(type=Opaque("it is described in some alternatives only"))
BASE = {"type": "object", "properties": {"a": TEXT, "b": WHOLE}}

CONDITIONS: dict[str, tuple[dict[str, Any], Member | None, Member]] = {
    "one of two is required": (
        {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, None, Member(type=INTEGER),
    ),
    "one of two is forbidden": ({"not": {"required": ["a", "b"]}}, None, Member(type=INTEGER)),
    "another member in an alternative": (
        {"oneOf": [{"properties": {"c": TEXT}}, {"required": ["a"]}]}, HIDDEN, Member(type=INTEGER),
    ),
    "another member under a condition": (
        {"if": {"properties": {"a": {"const": "p"}}}, "then": {"properties": {"c": TEXT}}},
        Member(type=Opaque("it is described under some conditions only")),
        Member(type=INTEGER),
    ),
    "another member beside one": (
        {"dependentSchemas": {"a": {"properties": {"c": TEXT}}}},
        Member(type=Opaque("it is described under some conditions only")),
        Member(type=INTEGER),
    ),
    "names that depend on others": (
        {"dependencies": {"a": ["b"]}, "dependentRequired": {"a": ["b"]}}, None, Member(type=INTEGER),
    ),
    "a default under a condition": (
        {"if": {"required": ["a"]}, "else": {"properties": {"b": {"default": 1}}}},
        None,
        Member(type=Opaque("its default depends on other arguments")),
    ),
    "a default in an alternative": (
        {"anyOf": [{"properties": {"b": {"default": 1}}}, {"required": ["a"]}]},
        None,
        Member(type=Opaque("its schemas have different defaults")),
    ),
    "alternatives that are closed": (
        {
            "anyOf": [
                {"properties": {"a": {}}, "additionalProperties": False}, {"additionalProperties": False},
            ]
        },
        None,
        Member(type=Never()),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("conditions", "c", "b"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_conditions_leave_what_is_described_beside_them(
    conditions: dict[str, Any], c: Member | None, b: Member
) -> None:
    """They only narrow it, which is the server's business; what they alone describe is unseen."""
    record = read_input_schema({**BASE, **conditions})
    assert isinstance(record, Record)

    assert (record.members["a"].type, record.members["b"], record.members.get("c"), record.others) == (
        STRING, b, c, None,
    )  # fmt: skip


def test_a_condition_that_cannot_be_read_hides_the_whole() -> None:
    """What it describes isn't known."""
    schema = {**BASE, "if": {"required": ["a"]}, "then": _ref("https://example.com/a")}

    assert read_input_schema(schema) == Opaque("its `$ref` leads to another document")


DEFAULTS: dict[str, tuple[Any, Any]] = {
    "of the definition": (_ref("#/$defs/preset"), 3),
    "beside the reference": ({"$ref": "#/$defs/preset", "default": 4}, 4),
    "in one alternative": ({"anyOf": [_ref("#/$defs/preset"), {"type": "null"}]}, 3),
    "the same in two": ({"anyOf": [_ref("#/$defs/preset"), {"type": "integer", "default": 3}]}, 3),
    "null, in one that allows it": ({"anyOf": [WHOLE, {"type": "null"}], "default": None}, None),
    "null, where it isn't allowed": ({"anyOf": [WHOLE], "default": None}, MISSING),
}


@pytest.mark.parametrize(("schema", "default"), DEFAULTS.values(), ids=DEFAULTS.keys())
def test_a_default_is_found_where_it_is(schema: Any, default: Any) -> None:
    """The nearest one counts."""
    assert (_member(schema).type, _member(schema).default) == (INTEGER, default)


def test_defaults_that_differ_are_none() -> None:
    """It can't be told which one the server takes."""
    branches = [_ref("#/$defs/preset"), {"type": "integer", "default": 4}]

    assert _member({"anyOf": branches}).type == Opaque("its schemas have different defaults")
    assert _member({"allOf": [*branches, {"default": 3}]}).type == Opaque(
        "its schemas have different defaults"
    )
    assert _member({"anyOf": branches, "default": 5}).default == 5


WHOLLY: dict[str, tuple[Any, str]] = {
    "no schema": (None, "there is no inputSchema that is an object"),
    "not of an object": ({"type": ["object"]}, "the inputSchema isn't one of an object"),
    "an old dialect": (
        {"type": "object", "$schema": "http://json-schema.org/draft-04/schema#"}, "its `$schema` isn't known",
    ),
    "a dialect that is none": ({"type": "object", "$schema": 7}, "its `$schema` isn't known"),
    "several shapes": (
        {"type": "object", "anyOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
        "it may have several shapes",
    ),
    "a contradiction": ({"type": "object", "const": 1}, "nothing fits its schema"),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "reason"), WHOLLY.values(), ids=WHOLLY.keys())
def test_a_schema_may_be_too_hard_as_a_whole(schema: Any, reason: str) -> None:
    """The tool is pinned all the same, and its arguments are unseen."""
    assert read_input_schema(schema) == Opaque(reason)


@pytest.mark.parametrize("dialect", ["draft-07/schema#", "draft-06/schema#"])
def test_older_dialects_that_mean_the_same_are_read(dialect: str) -> None:
    """Generators still write them."""
    schema = {"type": "object", "$schema": f"http://json-schema.org/{dialect}", "properties": {"x": TEXT}}

    assert read_input_schema(schema) == Record({"x": Member(type=STRING)})


def _doubling(levels: int, keyword: str) -> dict[str, Any]:
    """Each definition has the next one twice: 2^levels parts."""

    def twice(target: str) -> dict[str, Any]:
        both = [_ref(target), _ref(target)]
        return (
            {keyword: both}
            if keyword != "properties"
            else {"type": "object", "properties": dict(zip("ab", both, strict=True))}
        )

    defs = {str(level): twice(f"#/$defs/{level + 1}") for level in range(levels)}
    return {"type": "object", "properties": {"x": _ref("#/$defs/0")}, "$defs": {**defs, str(levels): TEXT}}


HUGE: dict[str, dict[str, Any]] = {
    "properties that double": _doubling(40, "properties"),
    "conditions that double": _doubling(30, "allOf"),
    "alternatives that double": _doubling(30, "anyOf"),
    "many properties": {"type": "object", "properties": {str(n): TEXT for n in range(30_000)}},
    "many conditions": {"type": "object", "allOf": [{"properties": {str(n): TEXT}} for n in range(5_000)]},
    "many conditions of many names": {
        "type": "object",
        "properties": {str(n): TEXT for n in range(5_000)},
        "dependentSchemas": {str(n): {"properties": {str(n): TEXT}} for n in range(2_000)},
    },
    "a default in many places": {
        "type": "object",
        "properties": {str(n): _ref("#/$defs/d") for n in range(3_000)},
        "$defs": {"d": {"type": "array", "items": TEXT, "default": ["a"] * 5_000}},
    },
}  # fmt: skip


@pytest.mark.parametrize("schema", HUGE.values(), ids=HUGE.keys())
def test_a_schema_of_too_many_parts_is_not_read(schema: dict[str, Any]) -> None:
    """Few words can mean millions of parts; reading stops in time."""
    begun = time.perf_counter()

    assert read_input_schema(schema) == Opaque("its schema has too many parts")
    assert time.perf_counter() - begun < 20


def test_what_nests_too_deep_is_opaque_and_the_rest_is_not() -> None:
    """References make schemas deeper than their text."""
    defs = {str(n): {"type": "object", "properties": {"n": _ref(f"#/$defs/{n + 1}")}} for n in range(60)}
    schema = {"type": "object", "properties": {"n": _ref("#/$defs/0")}, "$defs": {**defs, "60": TEXT}}
    record = read_input_schema(schema)
    assert isinstance(record, Record)

    levels, inner = 0, record.members["n"].type
    while isinstance(inner, Record):
        levels, inner = levels + 1, inner.members["n"].type
    assert (levels, inner) == (16, Opaque("its schema nests too deep"))
    assert cedar_type(record)["attributes"].keys() == {"n"}


def test_a_long_list_of_choices_is_read() -> None:
    """Countries, time zones: an enum is one part, however long, and so is a union of its values."""
    values = [f"zone-{n}" for n in range(5_000)]
    united = {"anyOf": [{"const": value} for value in values]}

    assert _member({"enum": values}).type == Scalar("string", frozenset(values))
    assert _member(united).type == Scalar("string", frozenset(values))
