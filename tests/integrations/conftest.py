"""MCP servers to ask: real ones from packages, and ones that say whatever a test wants them to say."""

import importlib.util
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _packages() -> None:
    """These tests need packages that a bare machine may lack; where a change is judged they must be there."""
    missing = [name for name in ("mcp", "mcp_server_time") if importlib.util.find_spec(name) is None]
    if missing:
        told = f"not installed: {', '.join(missing)} (pip install 'policy-engine[test]')"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)


@pytest.fixture
def time_server() -> list[str]:
    """The command of a real server, as its package ships it."""
    return [sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC"]


GREETING = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "player", "version": "1"},
}
"""What a server of the older revision answers to `initialize`; to `server/discover` it has none."""

PLAYER = """
import json, os, sys
play = json.loads(sys.argv[1])
answers = play["answers"]
if play.get("pid"):
    open(play["pid"], "w").write(str(os.getpid()))
exec(play.get("first", ""))
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked or "method" not in asked:
        continue
    if asked["method"] in play["lists"]:
        said = play["lists"][asked["method"]]
        print(said.replace("$id", json.dumps(asked["id"])), flush=True)
    elif asked["method"] == "tools/list" and answers:
        exec(play.get("before", ""))
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        print(said.replace("$id", json.dumps(asked["id"])), flush=True)
    else:
        answer = {"error": {"code": -32601, "message": "?"}}
        if asked["method"] == "initialize":
            answer = {"result": play["greeting"]}
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}), flush=True)
exec(play.get("last", ""))
"""

Play = Callable[..., list[str]]


@pytest.fixture
def play() -> Play:
    """The command of a server that answers each `tools/list` with the next of some texts.

    `capabilities` are those that it declares, and `lists` has a text for each other method. `first`, `before`
    and `last` are Python that it runs when it starts, before each answer, and when its input is closed.
    """

    def command(
        *answers: str,
        pid: Path | None = None,
        version: str = "2025-11-25",
        capabilities: tuple[str, ...] = ("tools",),
        lists: Mapping[str, str] | None = None,
        **more: str,
    ) -> list[str]:
        declared: dict[str, Any] = {name: {} for name in capabilities}
        greeting = {**GREETING, "protocolVersion": version, "capabilities": declared}
        place = None if pid is None else str(pid)
        told = {"greeting": greeting, "answers": answers, "lists": lists or {}, "pid": place, **more}
        return [sys.executable, "-c", PLAYER, json.dumps(told)]

    return command


@dataclass(slots=True, kw_only=True)
class HttpPlayer:
    """An HTTP server that answers `tools/list` with some bytes, and all before it as a good server does.

    Attributes:
        url: where it is.
        answer: status, headers and body of the answer; `$id` in the body is the id of the request.
        heard: headers of each request.
    """

    url: str
    answer: tuple[int, Mapping[str, str], bytes] = (404, {}, b"")
    events: bool = False
    delay: float = 0.0
    heard: list[Mapping[str, str]] = field(default_factory=list)

    def reply(self, asked: dict[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """What is answered to a message."""
        if "id" not in asked:
            return 202, {}, b""
        if asked["method"] == "tools/list":
            time.sleep(self.delay)
            status, headers, body = self.answer
            return status, headers, body.replace(b"$id", json.dumps(asked["id"]).encode())
        if asked["method"] != "initialize":
            return 404, {}, b""
        info = {"name": "player", "version": "1"}
        result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}
        text = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}).encode()
        if self.events:
            return (
                200,
                {"Content-Type": "text/event-stream"},
                b"event: message\r\ndata: " + text + b"\r\n\r\n",
            )
        return 200, {"Content-Type": "application/json"}, text


@pytest.fixture
def http_player() -> Iterator[HttpPlayer]:
    """A server of one's own on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            player.heard.append(dict(self.headers))
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, body = player.reply(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.send_error(405)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    player = HttpPlayer(url=f"http://127.0.0.1:{server.server_port}/mcp")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield player
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def sdk_server() -> Iterator[str]:
    """The URL of a server that is built with the SDK, and really listens."""
    import uvicorn  # noqa: PLC0415 -- comes with the extra
    from mcp.server.mcpserver import MCPServer  # noqa: PLC0415 -- an extra

    made = MCPServer("sdk", log_level="ERROR")

    @made.tool(description="Say hello")
    def greet(name: str, *, loudly: bool = False) -> str:
        return f"hello {name}{'!' if loudly else ''}"

    @made.prompt(description="Ask for a greeting")
    def greeting(name: str) -> str:
        return f"greet {name}"

    @made.resource("greetings://all")
    def greetings() -> str:
        return "hello"

    @made.resource("greetings://{language}/all")
    def greetings_of(language: str) -> str:
        return language

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(made.streamable_http_app(), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
