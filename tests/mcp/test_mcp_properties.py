"""Properties of stage 3: whatever a caller sends, real Cedar accepts what is built from it."""

import json
from collections.abc import Callable
from typing import Any

import cedarpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp import METHODS, Call, Catalogue, RequestBuilder, Server, full_schema, parse_message
from policy_engine.model import AuthorizationRequest, Client, HttpFacts, Identity, TokenFacts
from tests.plugins.samples import samples

Build = Callable[..., Call]

NAMES = st.sampled_from(["a", "b", "x-y", "名前", "a.b", '"', "\n", "", "__cedar", "if", "true"])
SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "boolean"},
        {"type": "integer"},
        {"type": "number"},
        {"type": ["string", "null"]},
        {"enum": ["a", "b"]},
        {"type": "integer", "default": 1},
        {"type": "number", "default": 0.5},
        {"anyOf": [{"type": "boolean"}, {"type": "null"}], "default": None},
        {"$ref": "#"},
    ]
)
ARRAYS = SCALARS.map(lambda items: {"type": "array", "items": items})


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, inner, max_size=4))
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if draw(st.booleans())],
        "additionalProperties": draw(st.booleans()),
    }


SCHEMAS = _objects(st.recursive(SCALARS | ARRAYS, _objects, max_leaves=6))
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64).map(lambda n: int(float(n)))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "b", "1", "true", "\x00", "名前"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**53), 2**53),
    "number": st.decimals(-(10**9), 10**9, places=3).map(float) | st.integers(-(10**14), 10**14),
}


@st.composite
def values(draw: st.DrawFn, schema: dict[str, Any]) -> Any:
    """Mostly what a schema allows, and now and then anything."""
    if draw(st.integers(0, 40)) == 40:
        return draw(ANYTHING)
    if schema.get("type") == "object":
        names = [name for name in schema["properties"] if name in schema["required"] or draw(st.booleans())]
        members = {name: draw(values(schema["properties"][name])) for name in names}
        extra = draw(st.dictionaries(NAMES, ANYTHING, max_size=1)) if schema["additionalProperties"] else {}
        return {**extra, **members}
    if schema.get("type") == "array":
        return draw(st.lists(values(schema["items"]), max_size=3))
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    return draw(FITTING.get(str(schema.get("type")), st.none() | st.booleans()))


@settings(max_examples=samples(150))
@given(data=st.data(), schema=SCHEMAS)
def test_what_passes_the_argument_checks_is_valid_by_the_generated_schema(
    data: st.DataObject, schema: dict[str, Any]
) -> None:
    """For every tool and every call: Cedar, given the schema, has nothing to object to."""
    arguments = data.draw(values(schema))
    assume(isinstance(arguments, dict))
    catalogue = Catalogue.from_json("demo", {"tools": [{"name": "t", "inputSchema": schema}]})
    servers = {"demo": Server(name="demo", resource="https://demo.example", catalogue=catalogue)}
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "t", "arguments": arguments},
    }
    identity = Identity(principal=Client(issuer="m", client_id="c"), token=TokenFacts())
    try:
        call = RequestBuilder(servers, now=lambda: 0).build(parse_message(body), identity, "demo")
    except MessageError as error:
        assert error.code == "invalid_arguments"
    else:
        sent = json.loads(call.forward)
        given_or_filled = sent["params"].pop("arguments", {})

        assert sent == {**body, "params": {"name": "t"}}
        assert json.dumps(given_or_filled) == json.dumps(_with_defaults(schema, arguments))
        assert _decide(call.requests[0], full_schema(servers)) == ("Allow", [])


def _with_defaults(schema: dict[str, Any], value: Any) -> Any:
    if schema.get("type") != "object":
        return value
    filled = dict(value)
    for name, inner in schema["properties"].items():
        if name in value:
            filled[name] = _with_defaults(inner, value[name])
        elif "default" in inner:
            filled[name] = inner["default"]
    return filled


def _decide(request: AuthorizationRequest, schema: dict[str, Any]) -> tuple[str, list[str]]:
    uid = request.principal.uid.to_json()
    attributes = {"issuer": "m", "client_id": "c", "category": "service"}
    # With the whole schema given, Cedar adds the actions by itself.
    entities = [entity for entity in request.surroundings.whole if entity["uid"]["type"] != "Action"]
    answer = cedarpy.is_authorized(
        {
            "principal": uid,
            "action": request.action.to_json(),
            "resource": request.resource.to_json(),
            "context": request.context,
        },
        'permit (principal, action in Action::"demo/*", resource in Server::"demo");',
        [*entities, {"uid": uid, "attrs": attributes, "parents": []}],
        schema,
    )
    return answer.decision.value, answer.diagnostics.errors


META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
PARAMS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["create_issue", "get_issue", "nothing"]),
    "uri": st.sampled_from(["a:b", "file:///a/b", "https://h:8/%C3%A9?q#f", "file:///a/../b"]),
    "taskId": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2),
    "arguments": st.dictionaries(NAMES, ANYTHING, max_size=1),
    "ref": st.sampled_from([{"type": "ref/prompt", "name": "p"}, {"type": "ref/resource", "uri": "a:{b}"}]),
    "argument": st.just({"name": "a", "value": ""}),
    "level": st.just("debug"),
    "protocolVersion": st.just("2025-11-25"),
    "capabilities": st.just({}),
    "clientInfo": st.just({"name": "x"}),
    "progressToken": st.integers(0, 9),
    "progress": st.floats(0, 1),
    "requestId": st.text(st.characters(exclude_categories=["Cs"]), max_size=2),
    "status": st.just("working"),
    "notifications": st.just({"resourceSubscriptions": ["a:b"], "taskIds": ["t"], "toolsListChanged": True}),
    "inputResponses": st.dictionaries(NAMES, ANYTHING | st.just({"action": "accept"}), max_size=2),
    "requestState": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=2),
}


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly good messages of every method; sometimes one parameter is anything, or missing."""
    revision, kind, method = draw(st.sampled_from(sorted(METHODS)))
    params = {name: draw(value) for name, value in PARAMS.items()}
    spoilt = draw(st.sampled_from([None, None, None, *params]))
    if spoilt is not None:
        params[spoilt] = draw(ANYTHING)
    meta = {"_meta": META} if revision == "2026-07-28" else {}
    message = {"jsonrpc": "2.0", "method": method, "params": {**params, **meta}}
    return message if kind == "notification" else {**message, "id": 1}


@settings(max_examples=samples(300))
@given(message=messages(), server=st.sampled_from(["github", "open"]))
def test_any_message_becomes_valid_questions_or_is_refused(message: dict[str, Any], server: str) -> None:
    """Nothing but MessageError leaves stage 3, and Cedar accepts every question that does."""
    identity = Identity(principal=Client(issuer="m", client_id="c"), token=TokenFacts())
    servers = _two_servers()
    builder = RequestBuilder(servers, now=lambda: 0)
    try:
        call = builder.build(parse_message(message), identity, server)
    except MessageError:
        return
    schema = json.dumps(full_schema(servers))
    again = builder.build(parse_message(call.forward), identity, server)

    assert json.loads(call.forward) == message
    assert (again.forward, again.argument_names) == (call.forward, call.argument_names)
    assert [(one.action, one.resource, one.context) for one in again.requests] == [
        (one.action, one.resource, one.context) for one in call.requests
    ]
    assert call.requests
    for request in call.requests:
        assert _errors(request, schema) == []


def _two_servers() -> dict[str, Server]:
    items = [{"name": "get_issue", "inputSchema": {"type": "object"}}, {"name": "create_issue"}]
    catalogue = Catalogue.from_json("github", {"tools": items})
    return {
        "github": Server(name="github", resource="https://a.example", catalogue=catalogue),
        "open": Server(name="open", resource="https://b.example", unpinned="allow"),
    }


def _errors(request: AuthorizationRequest, schema: str) -> list[str]:
    parts = {
        "principal": request.principal.uid.to_json(),
        "action": request.action.to_json(),
        "resource": request.resource.to_json(),
        "context": request.context,
    }
    entities = [entity for entity in request.surroundings.whole if entity["uid"]["type"] != "Action"]
    answer = cedarpy.is_authorized(parts, "permit (principal, action, resource);", entities, schema)
    return list(answer.diagnostics.errors)


@pytest.mark.parametrize("verb", ["GET", "DELETE"])
def test_streams_are_valid_questions_too(verb: str, build: Build, servers: dict[str, Server]) -> None:
    """No message, and all the same a request that Cedar accepts."""
    (request,) = build(None, http=HttpFacts(method=verb)).requests

    assert _errors(request, json.dumps(full_schema(servers))) == []
