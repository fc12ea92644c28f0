"""What of a server's answer comes back: lists cut to the caller, nothing of the server's own credentials."""

import asyncio
import json
from typing import Any

import pytest

from policy_engine.integrations.exchange import Admitted, Answer, Guard, ListReply, Reply, Request

POLICIES = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("lists") @kinds("both") permit (principal, action == Action::"list_tools", resource);
@id("machines") permit (principal is Client, action == Action::"github/create_issue", resource);
"""
JSON = (("Content-Type", "application/json"),)
EVENTS = (("Content-Type", "text/event-stream"),)
HIDDEN = {"name": "delete_repository", "inputSchema": {"type": "object"}}


def admitted(world: Any, body: Any, method: str = "POST") -> Admitted:
    """A machine's request that was let through."""
    headers = (("Authorization", f"Bearer {world.machine()}"), *(JSON if body else ()))
    request = Request(
        method=method, target="/github", headers=headers, body=json.dumps(body).encode() if body else b""
    )
    outcome = asyncio.run(Guard(world.engine(POLICIES), "github").admit(request))
    assert isinstance(outcome, Admitted), outcome
    return outcome


def rpc(method: str) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 7, "method": method}


def listed(world: Any) -> dict[str, Any]:
    """What the server lists: all that is pinned of it."""
    written = world.engine(POLICIES).stages.loaded.config.servers["github"].catalogue
    tools = [tool.get("item", tool) for tool in written["tools"]]
    return {"jsonrpc": "2.0", "id": 7, "result": {"tools": tools}}


def whole(reply: Answer | ListReply | Reply, body: bytes) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of an answer that is read whole."""
    assert isinstance(reply, ListReply)
    answer = asyncio.run(reply.answer(body))
    return answer.status, dict(answer.headers), json.loads(answer.body)


def test_a_list_holds_what_its_reader_can_use(world: Any) -> None:
    """Of three tools, the one that is permitted to machines."""
    status, headers, body = whole(
        admitted(world, rpc("tools/list")).reply(200, JSON), json.dumps(listed(world)).encode()
    )
    assert (status, headers["content-type"]) == (200, "application/json")
    assert [tool["name"] for tool in body["result"]["tools"]] == ["create_issue"]


@pytest.mark.parametrize(
    "answer", [b"", b"{}", b"<html>", b'{"jsonrpc":"2.0","id":8,"result":{"tools":[]}}', b"\xff"]
)
def test_a_list_that_cant_be_read_goes_no_further(world: Any, answer: bytes) -> None:
    """What was in it, nobody knows."""
    status, _, body = whole(admitted(world, rpc("tools/list")).reply(200, JSON), answer)
    assert (status, body) == (
        502,
        {"jsonrpc": "2.0", "id": 7, "error": {"code": -32603, "message": "Bad gateway"}},
    )


def test_an_error_keeps_its_status_and_what_it_says_if_it_is_one(world: Any) -> None:
    """A client has to know that its session is over; of what isn't JSON-RPC it learns nothing else."""
    reply = admitted(world, rpc("tools/list")).reply(404, JSON)
    error = {"jsonrpc": "2.0", "id": 7, "error": {"code": -32600, "message": "Session terminated"}}
    assert whole(reply, json.dumps(error).encode())[::2] == (404, error)
    smuggled = {"jsonrpc": "2.0", "id": "server-error", "result": {"tools": [HIDDEN]}}
    for body in (json.dumps(smuggled).encode(), b"<html>gone</html>", b""):
        status, _, told = whole(reply, body)
        assert (status, told["error"]) == (404, {"code": -32603, "message": "Bad gateway"})
        assert "result" not in told


@pytest.mark.parametrize("status", [101, 600, 301, 302, 307, 401, 407, 421])
def test_what_is_about_our_own_credential_or_another_place_isnt_told(world: Any, status: int) -> None:
    """A caller who follows it would bring their token to somebody else."""
    headers = (*JSON, ("Location", "https://evil.example"), ("WWW-Authenticate", 'Bearer realm="inner"'))
    reply = admitted(world, rpc("ping")).reply(status, headers)
    assert reply == Answer(
        status=502,
        headers=(("Content-Type", "application/json"), ("Cache-Control", "no-store")),
        body=b'{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"Bad gateway"}}',
    )


def test_other_answers_pass_as_they_come(world: Any) -> None:
    """With the headers of MCP, and no others."""
    more = (("Set-Cookie", "a=b"), ("Server", "x"), ("Cache-Control", "no-cache"), ("Content-Length", "4"))
    reply = admitted(world, rpc("ping")).reply(200, (*EVENTS, *more))
    assert not isinstance(reply, Answer | ListReply)
    assert (reply.status, reply.headers) == (
        200,
        (("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("content-length", "4")),
    )
    assert asyncio.run(reply.feed(b"\xff\x00")) == b"\xff\x00"
    assert asyncio.run(reply.end()) == b""


def events(world: Any, *chunks: bytes) -> list[bytes]:
    """What comes out of a session's stream for each chunk that goes in."""
    passed = admitted(world, None, "GET")
    return through(passed, *chunks)


def through(passed: Admitted, *chunks: bytes) -> list[bytes]:
    """The same of a stream that was opened."""
    reply = passed.reply(200, EVENTS)
    assert not isinstance(reply, Answer | ListReply)

    async def fed() -> list[bytes]:
        return [await reply.feed(chunk) for chunk in chunks] + [await reply.end()]

    return asyncio.run(fed())


def event(message: Any, end: bytes = b"\n", head: bytes = b"") -> bytes:
    """An event with a message."""
    return head + b"data: " + json.dumps(message).encode() + end * 2


NOTIFIED = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_pass_as_they_come_however_they_are_cut(world: Any, end: bytes) -> None:
    """Each as soon as it is whole, and none before."""
    stream = (
        event(NOTIFIED, end, b"id: 1" + end) + b": still here" + end * 2 + event({"result": {"a": 1}}, end)
    )
    passed = admitted(world, None, "GET")
    for at in range(len(stream)):
        assert b"".join(through(passed, stream[:at], stream[at:], b":" + end * 2)).startswith(stream)
    first = event(NOTIFIED, b"\n")
    assert events(world, first[:-1], first[-1:], b"data: half") == [b"", first, b"", b""]


@pytest.mark.parametrize("written", ['"result"', '"\\u0072esult"'])
def test_a_list_that_comes_by_a_resumed_stream_is_cut_too(world: Any, written: str) -> None:
    """By the id of an event a client may ask for an answer that began elsewhere."""
    text = json.dumps(listed(world)).replace('"result"', written)
    stream = b"id: 4\ndata: " + text.encode() + b"\n\n"

    (told, *_) = events(world, stream)

    head, _, data = told.partition(b"data: ")
    assert head == b"id: 4\nevent: message\n"
    assert [tool["name"] for tool in json.loads(data)["result"]["tools"]] == ["create_issue"]


@pytest.mark.parametrize(
    "data",
    [
        b'{"jsonrpc":"2.0","id":1,"result":{},"result":{"tools":[{"name":"delete_repository"}]}}',
        b'{"result": [',
        b'{"jsonrpc":"2.0","id":1,"result":{"tools":[\xff]}}',
    ],
)
def test_an_event_that_two_readers_may_read_differently_goes_nowhere(world: Any, data: bytes) -> None:
    """The stream goes on without it."""
    assert events(world, b"data: " + data + b"\n\n", event(NOTIFIED))[:2] == [b"", event(NOTIFIED)]


def test_a_list_on_a_stream_that_cant_be_read_becomes_an_error(world: Any) -> None:
    """Of items without a name, nobody knows whether they may be shown."""
    (told, *_) = events(world, event({"jsonrpc": "2.0", "id": 3, "result": {"tools": [{"x": 1}]}}))
    assert json.loads(told.partition(b"data: ")[2]) == {
        "jsonrpc": "2.0",
        "id": 3,
        "error": {"code": -32603, "message": "Bad gateway"},
    }


def test_an_event_without_end_ends_the_stream(world: Any) -> None:
    """It would fill the memory."""
    with pytest.raises(ValueError, match="too large"):
        events(world, *([b"data: " + b"x" * 4_000_000] * 5))


def test_a_stream_ends_with_its_token_and_with_what_allows_it(world: Any) -> None:
    """Which is recorded once; that it may go on, isn't."""
    passed = admitted(world, None, "GET")
    before = len(world.sink.records)
    assert asyncio.run(passed.over()) is None
    assert len(world.sink.records) == before
    world.now += 10_000
    assert asyncio.run(passed.over()) == "expired_token"
    assert [record["code"] for record in world.sink.records[before:]] == ["expired_token"]
