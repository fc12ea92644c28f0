"""A gateway that really listens, in front of servers that really do, whatever these are told to do."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from policy_engine import PolicyEngine
from policy_engine.config import load_config
from policy_engine.integrations.gateway.application import Gateway
from policy_engine.integrations.gateway.assembled import Assembled
from policy_engine.jose import SigningKey, sign
from policy_engine.serving import serving

POLICIES = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("lists") @kinds("both") permit (principal, action == Action::"list_tools", resource);
@id("machines") permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:write") };
@id("people") permit (principal is User, action in Action::"github/*", resource);
"""
LOGIN, AS = "https://login.example.com", "https://as.example.com"
TEXT = {"type": "string"}
ITEMS = [
    {
        "name": "create_issue",
        "description": "Open an issue.",
        "inputSchema": {"type": "object", "properties": {"repo": TEXT}, "required": ["repo"]},
    },
    {
        "name": "delete_repository",
        "description": "Delete a repository.",
        "inputSchema": {"type": "object", "properties": {"repo": TEXT}, "required": ["repo"]},
    },
]

KEYS = {"corp": SigningKey.generate("ES256"), "machines": SigningKey.generate("ES256")}


@dataclass(kw_only=True)
class Site:
    """A configuration in a folder, and the gateway that was made of it.

    Attributes:
        base: the base of what the gateway answers.
        tools: what is pinned of each server.
        unpinned: whether other tools may be called, too.
        later: seconds by which the engine's clock is ahead.
    """

    folder: Path
    base: str
    tools: list[dict[str, Any]] = field(default_factory=lambda: ITEMS)
    unpinned: bool = False
    later: float = 0.0
    engine: PolicyEngine = field(init=False)

    def now(self) -> float:
        """The engine's time."""
        return time.time() + self.later

    def records(self) -> list[dict[str, Any]]:
        """What was decided."""
        return [json.loads(line) for line in (self.folder / "audit.jsonl").read_text().splitlines()]

    def machine(self, client: str = "ci-bot", server: str = "github", **claims: Any) -> str:
        """A machine's token."""
        more = {"client_id": client, "gty": "client_credentials", "sub_profile": "service"}
        return self._token("machines", AS, server, {"sub": client, **more, **claims})

    def human(self, subject: str = "alice", server: str = "github", **claims: Any) -> str:
        """A person's token."""
        more = {"client_id": "portal", "auth_time": int(time.time()) - 60}
        return self._token("corp", LOGIN, server, {"sub": subject, **more, **claims})

    def _token(self, key: str, issuer: str, server: str, claims: Mapping[str, Any]) -> str:
        now = int(time.time())
        common = {
            "iss": issuer,
            "aud": f"{self.base}/{server}",
            "iat": now,
            "exp": now + 600,
            "jti": f"j{time.monotonic_ns()}",
            "scope": "issues:write",
        }
        return sign({**common, **claims}, KEYS[key], typ="at+jwt")

    def ask(
        self, token: str | None, message: Any, *, path: str = "/github", method: str = "POST", **headers: str
    ) -> httpx2.Response:
        """Send a request, and read the whole answer."""
        own = {"authorization": f"Bearer {token}"} if token else {}
        if method == "POST":
            own |= {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return httpx2.request(
            method,
            self.base + path,
            headers={**own, **more},
            content=body if method == "POST" else None,
            timeout=20,
            trust_env=False,
        )


MakeSite = Callable[..., Site]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What is ended at the end of a test."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def site(tmp_path: Path, stack: ExitStack) -> MakeSite:
    """Make a gateway in front of upstreams; further arguments change its section of the configuration."""

    def make(
        upstreams: Mapping[str, Any],
        policies: str = POLICIES,
        *,
        tools: Any = ITEMS,
        unpinned: bool = False,
        front: Callable[[Site, Any], Any] = lambda _, gateway: gateway,
        **section: Any,
    ) -> Site:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        made = Site(folder=tmp_path, base=f"http://127.0.0.1:{port}", tools=tools, unpinned=unpinned)
        write(made, upstreams, policies, **section)
        made.engine = PolicyEngine.from_config(tmp_path / "policy-engine.yaml", now=made.now)
        local = [f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"]
        gateway = Gateway(Assembled(made.engine, local=local), look_again=0.1)
        stack.enter_context(serving(front(made, gateway), listener, lifespan=True))
        return made

    return make


def write(site: Site, upstreams: Mapping[str, Any], policies: str = POLICIES, **section: Any) -> None:
    """Write the configuration of a site."""
    as_written = {
        name: {"url": upstream} if isinstance(upstream, str) else upstream
        for name, upstream in upstreams.items()
    }
    tools = [{"reviewed": True, "item": item} for item in site.tools]
    written = {
        "version": 1,
        "development": True,
        "servers": {
            name: {
                "resource": f"{site.base}/{name}",
                "catalogue": {"tools": tools},
                "unpinned": "allow" if site.unpinned else "deny",
            }
            for name in upstreams
        },
        "issuers": {
            "corp": {
                "issuer": LOGIN,
                "profile": "rfc9068",
                "keys": {"jwks": {"keys": [KEYS["corp"].public_jwk()]}},
                "clients": {"robot": {"grants": ["client_credentials"]}},
            },
            "machines": {
                "issuer": AS,
                "profile": "policy-engine",
                "keys": {"jwks": {"keys": [KEYS["machines"].public_jwk()]}},
                "clients": {name: {"grants": ["client_credentials"]} for name in ("ci-bot", "other-bot")},
            },
        },
        "policies": "policies.cedar",
        "audit": {"file": "audit.jsonl"},
        "gateway": {"upstreams": as_written, **section},
    }
    (site.folder / "policies.cedar").write_text(policies)
    (site.folder / "policy-engine.yaml").write_text(json.dumps(written))
    load_config(site.folder / "policy-engine.yaml")


@dataclass(kw_only=True)
class Heard:
    """What an upstream got."""

    url: str
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    act: Callable[[socket.socket], None] = lambda _: None

    def answers(self, *parts: bytes | float, close: bool = True) -> "Heard":
        """Answer each request with bytes, and with pauses of so many seconds between them."""

        def act(connection: socket.socket) -> None:
            for part in parts:
                if isinstance(part, bytes):
                    connection.sendall(part)
                else:
                    time.sleep(part)
            if close:
                connection.close()

        self.act = act
        return self

    def says(self, value: Any, status: str = "200 OK", *headers: str) -> "Heard":
        """Answer each request with JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()
        return self.answers(head + body, close=False)


@pytest.fixture
def upstream(stack: ExitStack) -> Heard:
    """A server of bytes: it hears whole requests, and does what it is told."""
    return stack.enter_context(scripted())


@contextmanager
def scripted() -> Iterator[Heard]:
    """The same, for a test that needs several."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = Heard(url=f"http://127.0.0.1:{listener.getsockname()[1]}/mcp")
    open_ones: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_ones.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while True:
                head, body = read_request(connection)
                heard.heads.append(head)
                heard.bodies.append(body)
                heard.act(connection)
        heard.closed.set()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield heard
    finally:
        for each in (listener, *open_ones):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise ValueError("closed")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    while len(body) < (lengths or [0])[0]:
        body += connection.recv(65536)
    return head, body


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve an ASGI application; yields its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def rpc(method: str, request_id: int = 7, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def call(tool: str = "create_issue", **arguments: Any) -> dict[str, Any]:
    """A call of a tool."""
    return rpc("tools/call", name=tool, arguments=arguments or {"repo": "a"})
