"""An ASGI application behind a guard, served for real: what reaches it, what comes back, and when it ends."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from policy_engine.integrations.asgi import DECISION, Guarded
from tests.interop.protected import serving

POLICIES = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("machines") permit (principal is Client, action == Action::"github/create_issue", resource);
@id("lists") permit (principal is Client, action == Action::"list_tools", resource);
"""
PING = {"jsonrpc": "2.0", "id": 7, "method": "ping"}


class App:
    """An MCP server that says what it is told to say."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, bytes]] = []
        self.answers: list[dict[str, Any]] = []
        self.ended = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": f"{kind}.complete"})
                if kind == "lifespan.shutdown":
                    return
        self.seen.append((scope, (await receive())["body"]))
        if scope["method"] == "GET":
            await self._stream(send)
            return
        for message in self.answers:
            await send(message)

    async def _stream(self, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"data: {}\n\n", "more_body": True})
                await asyncio.sleep(0.02)
        finally:
            self.ended.set()


def said(status: int, body: bytes, media: bytes = b"application/json") -> list[dict[str, Any]]:
    """An answer in two parts."""
    return [
        {"type": "http.response.start", "status": status, "headers": [(b"content-type", media)]},
        {"type": "http.response.body", "body": body[:5], "more_body": True},
        {"type": "http.response.body", "body": body[5:]},
    ]


@pytest.fixture
def app() -> App:
    """The server."""
    return App()


Ask = Callable[..., tuple[int, dict[str, str], bytes]]


@pytest.fixture
def address(world: Any, app: App) -> Iterator[tuple[str, int]]:
    """Where it is served, behind a guard."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with serving(Guarded(app, world.engine(POLICIES), "github", look_again=0.1), listening):
            yield address


@pytest.fixture
def ask(address: tuple[str, int]) -> Ask:
    """Send a request."""

    def ask(token: str | None, message: Any, method: str = "POST") -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(*address, timeout=10)
        headers = {"Content-Type": "application/json", "X-Secret": "1"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        connection.request(method, "/github", body if method == "POST" else None, headers)
        answer = connection.getresponse()
        told = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return told

    return ask


def test_the_application_sees_what_was_decided_on(world: Any, app: App, ask: Ask) -> None:
    """Without the token, with the decision, and with the length of what it gets."""
    app.answers = said(200, b'{"jsonrpc":"2.0","id":7,"result":{}}')

    status, headers, body = ask(world.machine(), b' {"method": "ping", "id": 7, "jsonrpc": "2.0"} ')

    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == {"jsonrpc": "2.0", "id": 7, "result": {}}
    (scope, got), *others = app.seen
    assert (json.loads(got), others) == (PING, [])
    own = {name.decode(): value.decode() for name, value in scope["headers"]}
    assert own.keys() == {"host", "content-type", "accept-encoding", "content-length"}
    assert int(own["content-length"]) == len(got)
    assert str(scope[DECISION].principal.uid) == 'Client::"machines/ci-bot"'


@pytest.mark.parametrize("message", [PING, b"{", b"[]", b"x" * 2_000_000])
def test_what_is_refused_never_reaches_it(world: Any, app: App, ask: Ask, message: Any) -> None:
    """Whoever sends it, however large."""
    app.answers = said(200, b"{}")
    assert ask(None, message)[0] in (401, 413)
    assert ask(world.human(exp=world.now - 1000), message)[0] in (401, 413)
    denied = {
        **PING,
        "method": "tools/call",
        "params": {"name": "delete_repository", "arguments": {"repo": "a"}},
    }
    assert ask(world.machine(), denied)[0] == 403
    assert app.seen == []


def test_a_list_is_cut_to_its_reader(world: Any, app: App, ask: Ask) -> None:
    """And what can't be read is no list."""
    message = {**PING, "method": "tools/list"}
    written = world.engine(POLICIES).stages.loaded.config.servers["github"].catalogue
    tools = [tool.get("item", tool) for tool in written["tools"]]
    app.answers = said(200, json.dumps({"jsonrpc": "2.0", "id": 7, "result": {"tools": tools}}).encode())
    status, headers, body = ask(world.machine(), message)
    assert (status, [tool["name"] for tool in json.loads(body)["result"]["tools"]]) == (200, ["create_issue"])
    assert int(headers["content-length"]) == len(body)

    app.answers = said(200, b"<html>oops</html>")
    assert ask(world.machine(), message)[::2] == (
        502,
        b'{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"Bad gateway"}}',
    )


def test_an_application_that_answers_nothing_or_fails_is_a_bad_gateway(
    world: Any, app: App, ask: Ask
) -> None:
    """Somebody waits for an answer."""
    app.answers = []
    assert ask(world.machine(), PING)[0] == 502
    app.answers = [{"type": "http.response.start", "status": 401, "headers": []}, *said(200, b"{}")]
    assert ask(world.machine(), PING)[0] == 502


def test_a_stream_ends_when_its_token_does(world: Any, app: App, address: tuple[str, int]) -> None:
    """Until then every event comes at once; the application is told to stop."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("GET", "/github", headers={"Authorization": f"Bearer {world.machine()}"})
    answer = connection.getresponse()
    assert (answer.status, answer.read(10)) == (200, b"data: {}\n\n")
    time.sleep(0.3)
    assert not app.ended.is_set()

    world.now += 10_000
    rest = answer.read()

    assert app.ended.wait(5)
    assert rest.replace(b"data: {}\n\n", b"") == b""
    assert world.sink.records[-1]["code"] == "expired_token"
    connection.close()


def test_a_caller_that_goes_ends_its_stream(world: Any, app: App, address: tuple[str, int]) -> None:
    """Nobody is served who isn't there."""
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request("GET", "/github", headers={"Authorization": f"Bearer {world.machine()}"})
    assert connection.getresponse().read(10) == b"data: {}\n\n"
    connection.close()
    assert app.ended.wait(5)


def test_no_websocket_is_let_in(world: Any, app: App) -> None:
    """Nothing of MCP comes that way."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = Guarded(app, world.engine(POLICIES), "github")
    asyncio.run(guarded({"type": "websocket", "path": "/github", "headers": []}, receive, send))

    assert (sent, app.seen) == ([{"type": "websocket.close", "code": 1008}], [])
