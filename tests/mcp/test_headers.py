"""headers: what stands beside a message says the same, or the message is refused."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp import Call, Catalogue, RequestBuilder, Server, parse_message
from policy_engine.mcp.headers import mirrored_arguments
from policy_engine.model import Client, HttpFacts, Identity, TokenFacts
from tests.plugins.samples import samples

Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]

SKIPPED = ("proof_of_possession",)


def _http(method: str | None = None, name: str | None = None, **more: str) -> HttpFacts:
    """Headers of a message of 2026-07-28; `mcp_param_region` is `mcp-param-region`."""
    stated = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Mcp-Name": name}
    stated |= {header.replace("_", "-"): value for header, value in more.items()}
    return HttpFacts(headers={header: value for header, value in stated.items() if value is not None})


def _sentinel(text: str) -> str:
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


ABOUT: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "a tool": ("tools/call", {"name": "get_issue"}, "get_issue"),
    "a prompt": ("prompts/get", {"name": "p"}, "p"),
    "a resource": ("resources/read", {"uri": "a:b"}, "a:b"),
    "a task": ("tasks/get", {"taskId": "t"}, "t"),
    "a task's input": ("tasks/update", {"taskId": "t", "inputResponses": {}}, "t"),
    "a task's end": ("tasks/cancel", {"taskId": "t"}, "t"),
    "nothing with a name": ("tools/list", {}, None),
    "a reference": ("completion/complete", {"ref": {}, "argument": {}}, None),
    "subscriptions": ("subscriptions/listen", {"notifications": {}}, None),
}


@pytest.mark.parametrize(("method", "params", "name"), ABOUT.values(), ids=ABOUT.keys())
def test_headers_that_repeat_a_message_are_required_and_compared(
    method: str, params: dict[str, Any], name: str | None, stateless: Make, refusal: Refusal
) -> None:
    """`Mcp-Method` always, `Mcp-Name` where the message names something (SEP-2243, SEP-2663)."""
    message = stateless(method, **params)

    def refused(http: HttpFacts) -> tuple[str, str | None]:
        return refusal(parse_message, message, http)

    assert parse_message(message, _http(method, name)).checks_skipped == SKIPPED
    assert refused(_http(None, name)) == ("header_mismatch", "missing")
    assert refused(_http("tools/Call", name)) == ("header_mismatch", "different")
    assert refused(_http(method, "another")) == ("header_mismatch", "different")
    if name is None:
        assert parse_message(message, _http(method, "")).method == method
    else:
        assert refused(_http(method)) == ("header_mismatch", "missing")


def test_without_http_nothing_is_compared_and_the_message_says_so(stateless: Make) -> None:
    """A stdio server has no headers."""
    message = parse_message(stateless("tools/call", name="get_issue"))

    assert message.checks_skipped == ("header_equality", "origin", *SKIPPED)


@pytest.mark.parametrize(
    "value",
    ["  get_issue\t", _sentinel("get_issue"), f" {_sentinel('get_issue')} "],
    ids=["white space", "Base64", "both"],
)
def test_a_name_may_be_written_in_two_ways(value: str, stateless: Make) -> None:
    """White space around a value isn't part of it (RFC 9110 section 5.5)."""
    message = parse_message(stateless("tools/call", name="get_issue"), _http("tools/call", value))

    assert message.method == "tools/call"


NAMES: dict[str, tuple[str, str]] = {
    "another case": ("Get_Issue", "different"),
    "the prefix alone": ("=?base64?Z2V0X2lzc3Vl", "different"),
    "the suffix alone": ("Z2V0X2lzc3Vl?=", "different"),
    "another case of the prefix": ("=?BASE64?Z2V0X2lzc3Vl?=", "different"),
    "both, and nothing between": ("=?base64??=", "different"),
    "both in one": ("=?base64?=", "different"),
    "another name in Base64": (_sentinel("get_issues"), "different"),
    "no padding": ("=?base64?YQ?=", "malformed"),
    "bits to spare": ("=?base64?YR==?=", "malformed"),
    "white space in Base64": ("=?base64?Z2V0 X2lzc3Vl?=", "malformed"),
    "other letters": ("=?base64?!!!!?=", "malformed"),
    "URL-safe letters": ("=?base64?_-__?=", "malformed"),
    "not UTF-8": ("=?base64?/w==?=", "malformed"),
    "beyond ASCII": ("get_issué", "malformed"),
    "a line end": ("get_issue\r\nX: y", "malformed"),
    "a NUL": ("get_issue\x00", "malformed"),
}


@pytest.mark.parametrize(("value", "detail"), NAMES.values(), ids=NAMES.keys())
def test_a_name_that_is_another_or_none_is_refused(
    value: str, detail: str, stateless: Make, refusal: Refusal
) -> None:
    """Values compare exactly; Base64 has one form, as decoders overlook what is wrong with others."""
    message = stateless("tools/call", name="get_issue")

    assert refusal(parse_message, message, _http("tools/call", value)) == ("header_mismatch", detail)


@pytest.mark.parametrize("name", ["名前", " padded ", "=?base64?literal?=", "a\nb"])
def test_a_name_that_headers_can_not_hold_comes_in_base64(
    name: str, stateless: Make, refusal: Refusal
) -> None:
    """And only so."""
    message = stateless("tools/call", name=name)

    assert parse_message(message, _http("tools/call", _sentinel(name))).method == "tools/call"
    assert refusal(parse_message, message, _http("tools/call", name))[0] == "header_mismatch"


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"mcp-name": "get_issue"}, "repeated"),
        ({"MCP-METHOD": "tools/call"}, "repeated"),
        ({"Mcp_Name": "delete_repo"}, "malformed"),
        ({"MCP_PROTOCOL_VERSION": "2025-11-25"}, "malformed"),
    ],
)
def test_a_header_is_there_once(
    headers: dict[str, str], detail: str, stateless: Make, refusal: Refusal
) -> None:
    """Names compare without regard to case; CGI takes `_` for `-`."""
    given = {**_http("tools/call", "get_issue").headers, **headers}
    message = stateless("tools/call", name="get_issue")

    assert refusal(parse_message, message, HttpFacts(headers=given)) == ("header_mismatch", detail)


def test_older_revisions_require_no_headers_but_may_not_be_contradicted(
    request_text: Make, refusal: Refusal
) -> None:
    """Something in front may have acted on them all the same."""
    message = request_text("tools/call", name="get_issue")
    version = {"MCP-Protocol-Version": "2025-11-25"}

    assert parse_message(message, HttpFacts(headers=version)).checks_skipped == SKIPPED
    for header in ("Mcp-Method", "Mcp-Name"):
        http = HttpFacts(headers={**version, header: "ping"})
        assert refusal(parse_message, message, http) == ("header_mismatch", "different")


def test_what_has_no_method_has_no_header_that_names_one(refusal: Refusal) -> None:
    """Answers, and GET and DELETE."""
    answer = {"jsonrpc": "2.0", "id": 1, "result": {}}
    headers = {"MCP-Protocol-Version": "2025-11-25", "Mcp-Method": "tools/call"}

    assert refusal(parse_message, answer, HttpFacts(headers=headers)) == ("header_mismatch", "different")
    assert refusal(parse_message, None, HttpFacts(method="GET", headers=headers)) == (
        "header_mismatch",
        "different",
    )


def test_a_notification_may_leave_its_headers_out(refusal: Refusal) -> None:
    """2026-07-28 defines none for them, but the version."""
    message = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}

    assert parse_message(message, _http()).method == "notifications/cancelled"
    assert refusal(parse_message, message, _http("tools/call")) == ("header_mismatch", "different")


def test_a_message_without_a_name_is_refused_for_that(stateless: Make, refusal: Refusal) -> None:
    """A header can't lend it one."""
    builder = RequestBuilder({"s": Server(name="s", resource="https://s.example")}, now=lambda: 0)
    message = parse_message(stateless("tools/call"), _http("tools/call", "get_issue"))

    assert refusal(builder.build, message, WHO, "s") == ("invalid_params", "name")


WHO = Identity(principal=Client(issuer="m", client_id="c"), token=TokenFacts())
PROPERTIES = {
    "region": {"type": "string", "x-mcp-header": "Region"},
    "count": {"type": ["integer", "null"], "x-mcp-header": "Count"},
    "dry": {"type": "boolean", "default": False, "x-mcp-header": "Dry-Run"},
    "deep": {"type": "object", "properties": {"er": {"type": "string", "x-mcp-header": "deeper"}}},
}
ITEM = {"name": "t", "inputSchema": {"type": "object", "properties": PROPERTIES}}


def _call(stateless: Make, arguments: dict[str, Any], http: HttpFacts | None) -> Call:
    catalogue = Catalogue.from_json("s", {"tools": [ITEM]})
    servers = {"s": Server(name="s", resource="https://s.example", catalogue=catalogue)}
    message = parse_message(stateless("tools/call", name="t", arguments=arguments), http)
    return RequestBuilder(servers, now=lambda: 0).build(message, WHO, "s")


MIRRORED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "none given": ({}, {}),
    "text": ({"region": "eu"}, {"Mcp-Param-Region": "eu"}),
    "text in Base64": ({"region": "é"}, {"mcp-param-REGION": _sentinel("é")}),
    "no text": ({"region": ""}, {"Mcp-Param-Region": ""}),
    "a number": ({"count": 42}, {"Mcp-Param-Count": "42"}),
    "a number with a point": ({"count": -7}, {"Mcp-Param-Count": "-7.0"}),
    "null": ({"count": None}, {}),
    "false": ({"dry": False}, {"Mcp-Param-Dry-Run": "false"}),
    "deeper": ({"deep": {"er": "x"}}, {"Mcp-Param-Deeper": "x"}),
    "a header that nobody asked for": ({}, {"Mcp-Param-Other": "x"}),
}


@pytest.mark.parametrize(("arguments", "headers"), MIRRORED.values(), ids=MIRRORED.keys())
def test_arguments_that_a_schema_has_repeated_are_compared(
    arguments: dict[str, Any], headers: dict[str, str], stateless: Make
) -> None:
    """As they came: a default that is filled in afterwards is in no header."""
    assert _call(stateless, arguments, _http("tools/call", "t", **headers)).method == "tools/call"


DIFFERING: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "missing": ({"region": "eu"}, {}, "missing"),
    "false, missing": ({"dry": False}, {}, "missing"),
    "other text": ({"region": "eu"}, {"Mcp-Param-Region": "us"}, "different"),
    "another case": ({"region": "eu"}, {"Mcp-Param-Region": "EU"}, "different"),
    "no argument": ({}, {"Mcp-Param-Region": "eu"}, "different"),
    "null": ({"count": None}, {"Mcp-Param-Count": "null"}, "different"),
    "another number": ({"count": 42}, {"Mcp-Param-Count": "42.5"}, "different"),
    "no number": ({"count": 42}, {"Mcp-Param-Count": "NaN"}, "different"),
    "another numeral": ({"count": 42}, {"Mcp-Param-Count": "0x2a"}, "different"),
    "a number for true": ({"dry": True}, {"Mcp-Param-Dry-Run": "1"}, "different"),
    "True": ({"dry": True}, {"Mcp-Param-Dry-Run": "True"}, "different"),
    "bad Base64": ({"region": "eu"}, {"Mcp-Param-Region": "=?base64?ZXU?="}, "malformed"),
}


@pytest.mark.parametrize(("arguments", "headers", "detail"), DIFFERING.values(), ids=DIFFERING.keys())
def test_an_argument_that_differs_from_its_header_is_refused(
    arguments: dict[str, Any], headers: dict[str, str], detail: str, stateless: Make, refusal: Refusal
) -> None:
    """Something in front may have routed by the header."""
    http = _http("tools/call", "t", **headers)

    assert refusal(_call, stateless, arguments, http) == ("header_mismatch", detail)


def test_arguments_are_not_compared_without_http(stateless: Make) -> None:
    """Other transports ignore the annotations."""
    assert _call(stateless, {"region": "eu"}, None).method == "tools/call"


@pytest.mark.parametrize(
    ("arguments", "headers"),
    [
        ({}, {"dry-run": "false"}),
        (
            {"region": "eu", "count": -7, "dry": True},
            {"region": "eu", "count": "-7", "dry-run": "true"},
        ),
        ({"region": "", "count": None}, {"region": "", "dry-run": "false"}),
        ({"region": " eu"}, {"region": _sentinel(" eu"), "dry-run": "false"}),
        ({"region": "é"}, {"region": _sentinel("é"), "dry-run": "false"}),
        ({"region": "=?base64??="}, {"region": _sentinel("=?base64??="), "dry-run": "false"}),
        ({"region": "a\r\nX: y"}, {"region": _sentinel("a\r\nX: y"), "dry-run": "false"}),
        ({"deep": {"er": "a b"}}, {"deeper": "a b", "dry-run": "false"}),
    ],
)
def test_the_server_gets_headers_that_repeat_what_is_forwarded(
    arguments: dict[str, Any], headers: dict[str, str], stateless: Make
) -> None:
    """Defaults too; and they are those that this engine would accept itself."""
    call = _call(stateless, arguments, None)

    assert call.headers == {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "t",
        **{f"Mcp-Param-{name}": value for name, value in headers.items()},
    }
    forwarded = json.loads(call.forward)["params"].get("arguments", {})
    assert _call(stateless, forwarded, HttpFacts(headers=call.headers)).headers == call.headers


@pytest.mark.parametrize(("method", "params", "name"), ABOUT.values(), ids=ABOUT.keys())
def test_every_request_of_the_stateless_revision_gets_headers(
    method: str, params: dict[str, Any], name: str | None, stateless: Make
) -> None:
    """`Mcp-Name` where the message names something."""
    reference = {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}}
    message = parse_message(stateless(method, **{**params, **(reference if "ref" in params else {})}))
    servers = {"s": Server(name="s", resource="https://s.example", unpinned="allow")}
    expected = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Mcp-Name": name}

    assert RequestBuilder(servers, now=lambda: 0).build(message, WHO, "s").headers == {
        header: value for header, value in expected.items() if value is not None
    }


def test_messages_of_older_revisions_get_none(request_text: Make) -> None:
    """They have none that repeat anything."""
    servers = {"s": Server(name="s", resource="https://s.example")}
    message = parse_message(request_text("resources/read", uri="a:b"))

    assert RequestBuilder(servers, now=lambda: 0).build(message, WHO, "s").headers == {}


TEXT = {"type": "string", "x-mcp-header": "A"}
BROKEN: dict[str, Any] = {
    "no schema": None,
    "properties in a list": {"properties": [TEXT]},
    "an empty name": {"properties": {"a": {**TEXT, "x-mcp-header": ""}}},
    "a name with a space": {"properties": {"a": {**TEXT, "x-mcp-header": "A B"}}},
    "a name with a line end": {"properties": {"a": {**TEXT, "x-mcp-header": "A\r\n"}}},
    "no name": {"properties": {"a": {**TEXT, "x-mcp-header": True}}},
    "two of one name": {"properties": {"a": TEXT, "b": {**TEXT, "x-mcp-header": "a"}}},
    "a number": {"properties": {"a": {**TEXT, "type": "number"}}},
    "an object": {"properties": {"a": {**TEXT, "type": "object"}}},
    "no type": {"properties": {"a": {"x-mcp-header": "A"}}},
    "a type of types": {"properties": {"a": {**TEXT, "type": [["string"]]}}},
    "null alone": {"properties": {"a": {**TEXT, "type": "null"}}},
    "elements of a list": {"properties": {"a": {"type": "array", "items": TEXT}}},
    "a branch": {"properties": {"a": {"anyOf": [TEXT]}}},
}


@pytest.mark.parametrize("schema", BROKEN.values(), ids=BROKEN.keys())
def test_annotations_that_break_a_rule_ask_for_nothing(schema: Any) -> None:
    """Clients have to leave such a tool out, so none of its headers means anything."""
    assert mirrored_arguments(schema) == {}


def test_annotations_are_read_as_deep_as_properties_go() -> None:
    """By `properties` alone; a schema that goes on for ever isn't followed for ever."""
    schema: dict[str, Any] = {"properties": {"z": TEXT}}
    for _ in range(3):
        schema = {"properties": {"a": schema}}
    endless: dict[str, Any] = {}
    endless["properties"] = {"a": endless}

    assert mirrored_arguments(schema) == {"a": ("a", "a", "a", "z")}
    assert mirrored_arguments(endless) == {}


@settings(max_examples=samples(300))
@given(
    data=st.data(),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6),
    value=st.text(st.characters(max_codepoint=0x17F), max_size=6) | st.just(None),
)
def test_what_is_accepted_says_what_the_message_says(
    data: st.DataObject, name: str, value: str | None
) -> None:
    """For any name and any header."""
    encoded = data.draw(st.booleans())
    header = None if value is None else _sentinel(value) if encoded else value
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "_meta": meta}}
    try:
        parse_message(body, _http("tools/call", header))
    except MessageError as error:
        assert error.code == "header_mismatch"
        assert not (encoded and value == name)
    else:
        assert value is not None
        assert (value if encoded else value.strip(" \t")) == name
