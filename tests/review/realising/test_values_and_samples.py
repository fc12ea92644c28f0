"""Cedar's values as JSON has them, and JSON that a schema takes."""

import json
from typing import Any

import pytest

from policy_engine.review.witness.realising.samples import fits, sample
from policy_engine.review.witness.realising.values import number_of, seconds_of


def called(function: str, *arguments: Any) -> dict[str, Any]:
    """An extension value."""
    if len(arguments) == 1:
        return {"__extn": {"fn": function, "arg": arguments[0]}}
    return {"__extn": {"fn": function, "args": [*arguments]}}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (called("datetime", "1970-01-01"), 0),
        (called("datetime", "2026-03-02T09:00:00Z"), 1_772_442_000),
        (called("datetime", "2026-03-02T09:00:00.250Z"), 1_772_442_000.25),
        (called("datetime", "2026-03-02T09:00:00+0130"), 1_772_442_000 - 5400),
        (called("datetime", "2026-03-02T09:00:00.001-0130"), 1_772_442_000 + 5400.001),
        (called("datetime", "0000-01-01"), -62_167_219_200),
        (called("datetime", "0000-03-01"), -62_162_035_200),
        (called("datetime", "0001-01-01"), -62_135_596_800),
        (called("offset", called("datetime", "1970-01-01"), called("duration", "-1d2h3m4s5ms")), -93_784.005),
        (
            called("offset", called("datetime", "9999-12-31"), called("duration", "9223372036854775807ms")),
            (253_402_214_400_000 + 9_223_372_036_854_775_807) / 1000,
        ),
        (called("datetime", "2026-13-01"), None),
        (called("datetime", "yesterday"), None),
        (called("duration", "-"), None),
        (called("decimal", "1.0"), None),
        ("2026-03-02", None),
        (None, None),
    ],
)
def test_moments_are_read_as_cedar_writes_them(value: Any, seconds: float | None) -> None:
    """To the millisecond; whatever isn't one is none."""
    assert seconds_of(value) == seconds


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (called("decimal", "1.5"), 1.5),
        (called("decimal", "-3.0"), -3),
        (called("decimal", "0.0001"), 0.0001),
        (called("decimal", "922337203685477.5807"), None),
        (called("decimal", "922337203685477.0"), 922_337_203_685_477),
        (called("decimal", "x"), None),
        (called("ip", "192.0.2.1"), None),
        (7, None),
    ],
)
def test_decimals_are_numbers_that_are_exactly_that(value: Any, number: float | None) -> None:
    """Where no double is, there is none."""
    assert number_of(value) == number
    assert type(number_of(value)) is type(number)


UUID = "123e4567-e89b-42d3-a456-426614174000"
ROOT = {"$defs": {"code": {"type": "string", "pattern": "^[A-Z]{3}$"}, "loop": {"$ref": "#/$defs/loop"}}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "x"),
        ({"type": "string", "minLength": 12}, "xxxxxxxxxxxx"),
        ({"type": "string", "format": "email"}, "someone@example.com"),
        ({"type": "string", "examples": ["given"]}, "given"),
        ({"type": "string", "enum": ["b", "a"]}, "b"),
        ({"const": 3}, 3),
        ({"$ref": "#/$defs/code"}, "USD"),
        ({"$ref": "#/$defs/loop"}, "x"),
        ({"$ref": "https://elsewhere.example/schema"}, "x"),
        ({"allOf": [{"type": "integer"}, {"minimum": 10}]}, 10),
        ({"type": "integer", "maximum": -4}, -4),
        ({"type": "number", "exclusiveMinimum": 5}, 6),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "integer", "multipleOf": 7}, 7),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [False, False]),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 1),
        ({"type": ["null", "string"]}, None),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/code"}, "b": {}}},
            {"a": "USD"},
        ),
        ({"type": "string", "pattern": "^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$"}, UUID),
        ({"type": "string", "pattern": "^(x+x+)+y", "minLength": 60}, "x" * 60),
        ({"type": "string", "pattern": "["}, "x"),
    ],
)
def test_a_sample_is_what_the_schema_takes(schema: dict[str, Any], expected: Any) -> None:
    """As plain as it gets; a schema that says nothing that can be followed is followed no further."""
    found = sample(schema, {**ROOT, **schema})

    assert found == expected
    assert fits(found, schema, {**ROOT, **schema})


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("", {"minLength": 1}),
        ("abc", {"maxLength": 2}),
        ("abc", {"pattern": "^[0-9]"}),
        ("abc", {"enum": ["abd"]}),
        (3, {"const": 4}),
        (3, {"maximum": 2.5}),
        (3, {"exclusiveMinimum": 3}),
        (3, {"multipleOf": 2}),
        (["a"], {"minItems": 2}),
        (["a", ""], {"items": {"minLength": 1}}),
        ({"a": ""}, {"properties": {"a": {"minLength": 1}}}),
        ("x", {"oneOf": [{"type": "integer"}, {"type": "string", "minLength": 2}]}),
        ("abc", {"allOf": [{"$ref": "#/$defs/code"}]}),
    ],
)
def test_what_a_schema_does_not_take_is_told(value: Any, schema: dict[str, Any]) -> None:
    """Each of the words that narrow a value, by itself."""
    assert not fits(value, schema, {**ROOT, **schema})


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"$ref": "#"}] * 40},
        {
            "type": "object",
            "required": [*"abcdefghij"],
            "properties": {name: {"$ref": "#"} for name in "abcdefghij"},
        },
        {"type": "object", "required": ["a", "b"], "properties": {name: {"$ref": "#"} for name in "ab"}},
        {"type": "array", "minItems": 10**9, "items": {"$ref": "#"}},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "pattern": "[[a](?:x{9999}){9999}"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"type": 7, "properties": 3, "required": {}, "items": 1, "enum": 2, "anyOf": 5, "pattern": 1},
    ],
)
def test_no_schema_keeps_a_sample_for_ever(schema: dict[str, Any]) -> None:
    """It comes to an end, with something that JSON has, however a server wrote it."""
    assert json.dumps(sample(schema, schema))
    fits(sample(schema, schema), schema, schema)
