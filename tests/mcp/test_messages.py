"""messages: one message, one meaning."""

import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp import (
    MAX_BYTES,
    Message,
    Notification,
    Request,
    Response,
    Stream,
    answer_id,
    parse_message,
)
from policy_engine.model import HttpFacts
from tests.plugins.samples import samples

Refusal = Callable[..., tuple[str, str | None]]

SKIPPED = ("header_equality", "origin", "proof_of_possession")
"""What isn't checked where nobody says how a message came."""


def _post(version: str | None = None) -> HttpFacts:
    return HttpFacts(headers={} if version is None else {"Mcp-Protocol-Version": version})


def _list_tools(**changes: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/list", **changes}


def test_a_request_is_parsed_into_its_parts() -> None:
    """Without `_meta` and header it is of the last revision that needs neither."""
    body = {"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": {"name": "x"}}

    assert parse_message(json.dumps(body).encode()) == Request(
        revision="2025-11-25",
        version="2025-11-25",
        method="tools/call",
        id="a",
        params={"name": "x"},
        body=body,
    )


def test_a_message_without_an_id_is_a_notification() -> None:
    """It wants no answer."""
    body = {"jsonrpc": "2.0", "method": "notifications/initialized"}

    assert parse_message(json.dumps(body)) == Notification(
        revision="2025-11-25", version="2025-11-25", method=body["method"], params={}, body=body
    )


@pytest.mark.parametrize(
    ("outcome", "result"),
    [({"result": {"roots": []}}, {"roots": []}), ({"error": {"code": -1, "message": "no"}}, None)],
    ids=["result", "error"],
)
def test_the_clients_answer_to_the_server_is_a_response(
    outcome: dict[str, Any], result: dict[str, Any] | None
) -> None:
    """Results and errors alike."""
    body = {"jsonrpc": "2.0", "id": 3, **outcome}

    assert parse_message(body, _post("2025-11-25")) == Response(
        revision="2025-11-25", version="2025-11-25", id=3, result=result, body=body
    )


@pytest.mark.parametrize("verb", ["GET", "DELETE"])
@pytest.mark.parametrize("nothing", [None, b"", ""], ids=["None", "no bytes", "no text"])
def test_no_message_is_a_stream(verb: str, nothing: bytes | str | None) -> None:
    """GET opens it and DELETE ends it; the version is in the header."""
    http = HttpFacts(method=verb, headers={"mcp-protocol-version": " 2025-06-18 "})

    assert parse_message(nothing, http) == Stream(revision="2025-11-25", version="2025-06-18", method=verb)


MALFORMED: dict[str, tuple[Any, str]] = {
    "not JSON": (b"{", "not_json"),
    "nothing by POST": (b"", "not_json"),
    "a byte-order mark": (b"\xef\xbb\xbf{}", "not_json"),
    "not UTF-8": (b'"\xff"', "not_utf8"),
    "a member twice": (b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', "duplicate_member"),
    "a batch": (b"[]", "batch"),
    "a batch of values": ([_list_tools()], "batch"),
    "too many bytes": (b" " * (MAX_BYTES + 1), "too_large"),
    "too long a text": (" " * (MAX_BYTES + 1), "too_large"),
    "a text of too many bytes": ("é" * (MAX_BYTES // 2 + 1), "too_large"),
    "too large a value": (_list_tools(params={"cursor": "x" * MAX_BYTES}), "too_large"),
    "a lone surrogate in a text": ('{"jsonrpc":"2.0","id":"\ud800","method":"ping"}', "lone_surrogate"),
    "NaN in a value": (_list_tools(params={"cursor": float("nan")}), "not_finite"),
    "a type that JSON hasn't": (_list_tools(params={"cursor": (1, 2)}), "not_plain"),
    "a number that can't be written": (_list_tools(id=10**5000), "inexact_number"),
    "an exponent that can't be counted": (b"[1e-99999999999999999999]", "inexact_number"),
    "bytes that can be changed": (bytearray(b"{}"), "not_plain"),
}


@pytest.mark.parametrize(("message", "detail"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_one_strict_json_text_is_malformed(message: Any, detail: str, refusal: Refusal) -> None:
    """Whatever two parsers could read differently is refused, however it is handed over."""
    assert refusal(parse_message, message) == ("malformed_message", detail)


INVALID: dict[str, tuple[Any, str]] = {
    "a scalar": (b"1", "not_an_object"),
    "a value that isn't an object": (5, "not_an_object"),
    "no jsonrpc": ({"id": 1, "method": "ping"}, "jsonrpc"),
    "another jsonrpc": (_list_tools(jsonrpc="1.0"), "jsonrpc"),
    "jsonrpc as a number": (_list_tools(jsonrpc=2.0), "jsonrpc"),
    "no method": ({"jsonrpc": "2.0", "id": 1}, "method"),
    "neither method nor id": ({"jsonrpc": "2.0"}, "method"),
    "a method that isn't a string": (_list_tools(method=["tools/list"]), "method"),
    "an id that is null": (_list_tools(id=None), "id"),
    "an id that is true": (_list_tools(id=True), "id"),
    "an id with a fraction": (_list_tools(id=1.0), "id"),
    "an id that is a list": (_list_tools(id=[1]), "id"),
    "an answer without an id": ({"jsonrpc": "2.0", "result": {}}, "id"),
    "method and result": (_list_tools(result={}), "unknown_member"),
    "result and error": ({"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}}, "result_and_error"),
    "a result that isn't an object": ({"jsonrpc": "2.0", "id": 1, "result": []}, "outcome"),
    "an error that isn't an object": ({"jsonrpc": "2.0", "id": 1, "error": "no"}, "outcome"),
    "an unknown member": (_list_tools(extra=1), "unknown_member"),
    "a method in another case": (_list_tools(Method="tools/call"), "unknown_member"),
    "params in another case": (_list_tools(Params={"name": "x"}), "unknown_member"),
    "a notification with an Id": ({"jsonrpc": "2.0", "method": "ping", "Id": 1}, "unknown_member"),
    "no message, and no HTTP": (None, "no_message"),
}


@pytest.mark.parametrize(("message", "detail"), INVALID.values(), ids=INVALID.keys())
def test_what_is_not_a_json_rpc_message_is_invalid(message: Any, detail: str, refusal: Refusal) -> None:
    """Each part has one form; nothing is guessed, and nothing is left over."""
    assert refusal(parse_message, message) == ("invalid_request", detail)


@pytest.mark.parametrize(
    ("message", "verb", "detail"),
    [(None, "POST", "no_message"), (None, "PUT", "no_message"), (b"{}", "GET", "verb"), ({}, "PUT", "verb")],
    ids=["nothing by POST", "nothing by PUT", "a message by GET", "a message by PUT"],
)
def test_only_post_carries_a_message(message: Any, verb: str, detail: str, refusal: Refusal) -> None:
    """A body beside GET could be read by one and overlooked by another."""
    assert refusal(parse_message, message, HttpFacts(method=verb)) == ("invalid_request", detail)


@pytest.mark.parametrize(
    ("params", "detail"),
    [
        ([], "params"),
        (None, "params"),
        ({"_meta": []}, "meta"),
        ({"Name": "x"}, "lookalike"),
        ({"name": "x", "NAME": "y"}, "lookalike"),
        ({"uri": "a:b", "Uri": "a:c"}, "lookalike"),
        ({"tasKId": "1"}, "lookalike"),  # KELVIN SIGN, which case folding makes a k
        ({"ｎame": "x"}, "lookalike"),  # noqa: RUF001 -- FULLWIDTH N, which NFKC makes an n
        ({"_Meta": {}}, "lookalike"),
        ({"__proto__": {"name": "x"}}, "lookalike"),
        ({"_meta": {"__proto__": {}}}, "lookalike"),
        ({"_meta": {"io.modelcontextprotocol/clientcapabilities": {}}}, "lookalike"),
        ({"_meta": {"io.modelcontextprotocol/ProtocolVersion": "2026-07-28"}}, "lookalike"),
    ],
)
def test_parameters_that_two_readers_could_take_for_different_things_are_invalid(
    params: Any, detail: str, refusal: Refusal
) -> None:
    """Go matches names without regard to case, others normalise them."""
    assert refusal(parse_message, _list_tools(params=params)) == ("invalid_params", detail)


def test_a_message_is_kept_apart_from_the_value_that_its_owner_holds() -> None:
    """Changing the value afterwards changes nothing that was decided on."""
    params: dict[str, Any] = {"name": "harmless", "arguments": {"list": [1]}}
    message = parse_message(_list_tools(params=params))
    params["name"] = "harmful"
    params["arguments"]["list"].append(2)

    assert isinstance(message, Request)
    assert message.params == {"name": "harmless", "arguments": {"list": [1]}}


def test_any_mapping_is_a_message() -> None:
    """It need not be a dict."""
    assert isinstance(parse_message(MappingProxyType(_list_tools())), Request)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (_list_tools(id="x", extra=1), "x"),
        (b'{"id": 4, "method": "ping"}', 4),
        (_list_tools(id=True), None),
        ({"jsonrpc": "2.0", "id": 5, "result": {}}, None),
        (b"{", None),
        ({}, None),
        (None, None),
    ],
    ids=["refused request", "no jsonrpc", "no id that is one", "an answer", "not JSON", "empty", "none"],
)
def test_a_refused_message_can_still_be_answered_to(message: Any, expected: str | int | None) -> None:
    """The id is found where there is one, and nothing is raised where there isn't."""
    assert answer_id(message) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jsonrpc", "id", "method", "params", "_meta", "name", "result"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
VERBS = st.none() | st.builds(
    HttpFacts,
    method=st.sampled_from(["POST", "GET", "DELETE", "PUT"]),
    headers=st.dictionaries(
        st.sampled_from(["MCP-Protocol-Version", "mcp-protocol-version"]),
        st.sampled_from(["2025-11-25", "2026-07-28"]) | st.text(max_size=4),
        max_size=2,
    ),
)


@settings(max_examples=samples(200))
@given(
    message=st.none()
    | st.binary(max_size=60)
    | st.text(max_size=60)
    | JSON
    | JSON.map(lambda params: _list_tools(params=params)),
    http=VERBS,
)
def test_anything_parses_or_is_refused(message: Any, http: HttpFacts | None) -> None:
    """Nothing but MessageError leaves `parse_message`, and nothing at all leaves `answer_id`."""
    try:
        parsed: Message | None = parse_message(message, http)
    except MessageError:
        parsed = None

    assert parsed is None or parsed.checks_skipped == (SKIPPED if http is None else SKIPPED[2:])
    assert answer_id(message) is None or isinstance(message, bytes | str | dict)
