"""json_schema against the `jsonschema` library: what we accept is valid, and Cedar agrees with its type."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from policy_engine.cedar import Authorizer, CedarError, CedarRequest, Schema, render
from policy_engine.errors import MessageError
from policy_engine.mcp import Catalogue, Server, full_schema
from policy_engine.mcp.argument_types import ArgumentType, Opaque, Record
from policy_engine.mcp.arguments import Arguments, check_arguments
from policy_engine.mcp.json_schema import read_input_schema
from policy_engine.model import EntityUid
from tests.plugins.samples import samples

Path = tuple[str, ...]

NAMES = st.sampled_from(["a", "b", "x-y", "名前", "", "if", "in", "__entity", "__proto__", "a.b", "$ref"])
TEXTS, WHOLE, BROKEN = ["", "a", "b", "1", "true"], [-1, 0, 1, 2], [0.5, 2.25]
SCALARS = [*TEXTS, *WHOLE, *BROKEN, True, False, None]
FITTING: dict[str, list[Any]] = {
    "string": TEXTS, "integer": WHOLE, "number": [*WHOLE, *BROKEN], "boolean": [True, False], "null": [None],
}  # fmt: skip
TYPES = st.sampled_from(list(FITTING))
CHOICES = st.lists(st.sampled_from(SCALARS), min_size=1, max_size=4, unique_by=repr)
DEFS = ["text", "choice", "thing", "tree", "maybe"]

LEAVES = (
    TYPES.map(lambda name: {"type": name})
    | st.lists(TYPES, min_size=1, max_size=2, unique=True).map(lambda names: {"type": names})
    | CHOICES.map(lambda values: {"enum": values})
    | st.tuples(TYPES, CHOICES).map(lambda both: {"type": both[0], "enum": both[1]})
    | st.sampled_from(SCALARS).map(lambda value: {"const": value})
    | st.sampled_from(DEFS).map(lambda name: {"$ref": f"#/$defs/{name}"})
    | st.sampled_from([True, False, {}, {"$ref": "#"}, {"$ref": "https://example.com/s"}, {"title": "any"}])
    | st.tuples(TYPES, st.sampled_from(SCALARS)).map(lambda both: {"type": both[0], "default": both[1]})
)


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    schema["properties"] = draw(st.dictionaries(NAMES, inner, max_size=3))
    if draw(st.booleans()):
        schema["required"] = draw(
            st.lists(st.sampled_from([*schema["properties"], "a"]), max_size=2, unique=True)
        )
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.booleans() | inner)
    return schema


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    few = st.lists(inner, min_size=1, max_size=3)
    return (
        _objects(inner)
        | inner.map(lambda items: {"type": "array", "items": items})
        | few.map(lambda branches: {"anyOf": branches})
        | few.map(lambda branches: {"allOf": branches})
        | st.tuples(TYPES, few).map(lambda both: {"type": both[0], "anyOf": both[1]})
        | st.tuples(inner, inner).map(lambda both: {"allOf": [both[0]], "anyOf": [both[1], {"type": "null"}]})
        | st.tuples(inner, st.sampled_from([*SCALARS, {}])).map(lambda b: {"anyOf": [b[0]], "default": b[1]})
        | st.tuples(st.sampled_from(DEFS), _objects(inner)).map(
            lambda both: {"$ref": f"#/$defs/{both[0]}", **both[1]}
        )
    )


SCHEMAS = st.recursive(LEAVES, _combined, max_leaves=8)
THING = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
TREE = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"$ref": "#/$defs/tree"}}}


@st.composite
def tools(draw: st.DrawFn) -> dict[str, Any]:
    """An `inputSchema`, with definitions that its parts refer to."""
    text, choice, maybe = draw(LEAVES), draw(CHOICES), draw(LEAVES)
    defs = {
        "text": text if text != {"$ref": "#/$defs/text"} else {"type": "string"},
        "choice": {"enum": choice},
        "maybe": {
            "anyOf": [maybe if isinstance(maybe, dict) and "$ref" not in maybe else {}, {"type": "null"}]
        },
        "thing": THING,
        "tree": TREE,
    }
    return {**draw(_objects(SCHEMAS)), "$defs": defs}


ANYTHING = st.recursive(
    st.sampled_from([*SCALARS, 1.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def values(draw: st.DrawFn, schema: Any, root: dict[str, Any], depth: int = 0) -> Any:
    """Mostly what a schema seems to want, and now and then anything."""
    if not isinstance(schema, dict) or depth > 5 or draw(st.integers(0, 25)) == 25:
        return draw(ANYTHING)
    for keyword in ("anyOf", "allOf"):
        if keyword in schema and draw(st.booleans()):
            return draw(values(draw(st.sampled_from(schema[keyword])), root, depth + 1))
    if schema.get("$ref", "").startswith("#/"):
        referred = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        beside = {keyword: part for keyword, part in schema.items() if keyword != "$ref"}
        both = {**referred, **beside} if isinstance(referred, dict) else beside
        return draw(values(both, root, depth + 1))
    if "enum" in schema or "const" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    names = schema.get("type", "string")
    name = names if isinstance(names, str) else draw(st.sampled_from(names))
    if name == "array":
        return draw(st.lists(values(schema.get("items"), root, depth + 1), max_size=3))
    if name != "object":
        return draw(st.sampled_from(FITTING[name]))
    found = {
        key: draw(values(inner, root, depth + 1))
        for key, inner in schema.get("properties", {}).items()
        if key in schema.get("required", []) or draw(st.booleans())
    }
    if "additionalProperties" in schema and draw(st.integers(0, 3)) == 3:
        found["b"] = draw(values(schema["additionalProperties"], root, depth + 1))
    return found


def _unread(type_: ArgumentType, here: Path = ()) -> Iterator[tuple[Path, frozenset[str] | None]]:
    """Paths of what isn't read; with names, all but those at that path."""
    match type_:
        case Opaque():
            yield here, None
        case Record(members, others):
            if others is not None and isinstance(others.type, Opaque | Record):
                yield here, frozenset(members)
            for name, member in members.items():
                yield from _unread(member.type, (*here, name))
        case _:
            pass


def _is_read(error: ValidationError, unread: list[tuple[Path, frozenset[str] | None]]) -> bool:
    """Whether an error is about a part of the schema that we read; of alternatives, in each of them."""
    if error.context:
        branches: dict[Any, bool] = {}
        for inner in error.context:
            branch = inner.schema_path[0] if inner.schema_path else id(inner)  # `false` has no place
            branches[branch] = branches.get(branch, False) or _is_read(inner, unread)
        return all(branches.values())
    path = tuple(error.absolute_path)
    for above, names in unread:
        if path[: len(above)] == above and (
            names is None or (len(path) > len(above) and path[len(above)] not in names)
        ):
            return False
    return True


def _checked(record: Record, arguments: dict[str, Any]) -> Arguments | str:
    try:
        return check_arguments(record, arguments)
    except MessageError as error:
        assert error.code == "invalid_arguments"
        assert error.detail is not None
        return error.detail


STRICTER = {"unknown_argument", "lookalike", "reserved_name", "out_of_range", "too_precise"}


@settings(max_examples=samples(200))
@given(data=st.data(), schema=tools())
def test_what_is_accepted_is_valid_and_what_is_refused_is_not(
    data: st.DataObject, schema: dict[str, Any]
) -> None:
    """By another implementation of JSON Schema: of the message that is forwarded, in all that we read."""
    record = read_input_schema(schema)
    arguments = data.draw(values(schema, schema))
    if isinstance(record, Opaque) or not isinstance(arguments, dict):
        event("nothing to compare")
        return
    checked = _checked(record, arguments)
    if isinstance(checked, Arguments):
        event("accepted")
        errors = _errors(schema, checked.forward)
        unread = list(_unread(record))
        assert [error.message for error in errors if _is_read(error, unread)] == []
    else:
        event(f"refused: {checked}")
        assert checked in STRICTER or _errors(schema, arguments) or "1.0" in json.dumps(arguments)


def _errors(schema: dict[str, Any], value: Any) -> list[ValidationError]:
    anything = Resource.from_contents({}, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("https://example.com/s", anything)
    return list(Draft202012Validator(schema, registry=registry).iter_errors(value))


SMALL_LEAVES = (
    TYPES.map(lambda name: {"type": name})
    | st.lists(TYPES, min_size=1, max_size=2, unique=True).map(lambda names: {"type": names})
    | CHOICES.map(lambda values: {"enum": values})
    | st.sampled_from(SCALARS).map(lambda value: {"const": value})
)
SHAPES = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(st.sampled_from(["a", "b"]), SMALL_LEAVES, max_size=2),
        "required": st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True),
        "additionalProperties": st.booleans() | SMALL_LEAVES,
    },
)
SMALL = st.recursive(
    SMALL_LEAVES | SHAPES | SMALL_LEAVES.map(lambda items: {"type": "array", "items": items}),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda branches: {"anyOf": branches})
        | st.lists(inner, min_size=2, max_size=2).map(lambda branches: {"allOf": branches})
        | st.tuples(inner, SMALL_LEAVES).map(lambda both: {**both[0], "allOf": [both[1]]})
        | st.tuples(inner, SHAPES).map(lambda both: {**both[1], "allOf": [both[0]]})
    ),
    max_leaves=4,
)
LISTS: list[Any] = [[], *([one] for one in SCALARS), ["a", "b"], ["a", 1], [1, 0.5], [1, None], [["a"]]]
OBJECTS: list[Any] = [
    {**first, **second}
    for first in ({}, *({"a": value} for value in ("a", 1, 0.5, True, None)))
    for second in ({}, *({"b": value} for value in ("b", 1, 0.5, None)))
]
POOL = [*SCALARS, *LISTS, *OBJECTS, {"c": "a"}, {"c": 1}]


@settings(max_examples=samples(250))
@given(schema=SMALL)
def test_every_small_value_is_judged_alike(schema: dict[str, Any]) -> None:
    """Of scalars, short lists and small objects: accepted if and only if they are valid."""
    tool = {"type": "object", "properties": {"x": schema}}
    record = read_input_schema(tool)
    assert isinstance(record, Record)
    unread = list(_unread(record))
    validator = Draft202012Validator(tool)
    for value in POOL:
        arguments = {"x": value}
        checked = _checked(record, arguments)
        errors = [error for error in validator.iter_errors(arguments) if _is_read(error, unread)]
        if isinstance(checked, Arguments) or checked not in STRICTER:
            assert (value, isinstance(checked, Arguments)) == (value, not errors)


CONTEXT: dict[str, Any] = {
    "token": {"scopes": []},
    "time": {"__extn": {"fn": "datetime", "arg": "2027-01-15"}},
    "protocol_version": "2025-11-25",
    "input_responses": [],
    "has_request_state": False,
}


@settings(max_examples=samples(100))
@given(data=st.data(), schema=tools())
def test_what_policies_see_has_the_type_that_cedar_was_told(
    data: st.DataObject, schema: dict[str, Any]
) -> None:
    """Cedar validates the request against the schema of the same tool, and its text says the same."""
    catalogue = Catalogue.from_json("demo", {"tools": [{"name": "t", "inputSchema": schema}]})
    server = Server(name="demo", resource="https://demo.example", catalogue=catalogue)
    record = catalogue.tools["t"].arguments
    arguments = data.draw(values(schema, schema))
    cedar_schema = Schema.from_text(render(full_schema({"demo": server})))
    if record is None or not isinstance(arguments, dict):
        return
    checked = _checked(record, arguments)
    if isinstance(checked, Arguments):
        context = {**CONTEXT, "arguments": checked.cedar, "unrepresentable": list(checked.unrepresentable)}
        authorizer = Authorizer.from_text("permit (principal, action, resource);", cedar_schema)
        request = CedarRequest(
            EntityUid("User", "corp/alice"),
            EntityUid("Action", "demo/t"),
            EntityUid("Tool", "demo/t"),
            context,
        )

        assert authorizer.authorize(request, entities=[]).allowed


def test_a_request_that_does_not_fit_would_be_noticed() -> None:
    """The property above has teeth: Cedar refuses arguments of another type."""
    catalogue = Catalogue.from_json("demo", {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]})
    server = Server(name="demo", resource="https://demo.example", catalogue=catalogue)
    authorizer = Authorizer.from_text("permit (principal, action, resource);", full_schema({"demo": server}))
    context = {**CONTEXT, "arguments": {"a": 1}, "unrepresentable": []}
    request = CedarRequest(
        EntityUid("User", "corp/alice"), EntityUid("Action", "demo/t"), EntityUid("Tool", "demo/t"), context
    )

    with pytest.raises(CedarError):
        authorizer.authorize(request, entities=[])
