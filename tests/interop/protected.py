"""A real MCP server behind the engine, over real HTTP: what proxies do with a decision, and no more.

It tells where its tokens come from (RFC 9728), asks for them as `Decision.headers` says, and hands on what
`Decision.forward` holds.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from mcp.server import MCPServer
from starlette.types import Message, Receive, Scope, Send

from policy_engine import Decision, HttpFacts, PolicyEngine

__all__ = ["github_server", "protected_server", "serving"]

_METADATA = "/.well-known/oauth-protected-resource/mcp"


def github_server() -> MCPServer:
    """A server with two tools."""
    server = MCPServer("github")

    @server.tool()
    def create_issue(repo: str, title: str) -> str:
        """Open an issue."""
        return f"opened `{title}` in {repo}"

    @server.tool()
    def delete_repository(repo: str) -> str:
        """Delete a repository."""
        return f"deleted {repo}"

    return server


class _Guard:
    """Asks the engine about each request before the server sees it."""

    def __init__(self, inner: Any, engine: PolicyEngine, metadata: Mapping[str, Any]) -> None:
        self._inner, self._engine = inner, engine
        self._metadata = json.dumps(metadata).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
        elif scope["path"] == _METADATA:
            await _answer(send, 200, {}, self._metadata)
        else:
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        facts = HttpFacts(method=scope["method"], url=scope["path"], headers=headers)
        bearer = headers.get("authorization", "")
        token = bearer.removeprefix("Bearer ") if bearer.startswith("Bearer ") else None
        message = body if scope["method"] == "POST" else None
        decision = await self._engine.evaluate_async(token, message, http=facts)
        if not decision.allowed:
            await _refuse(send, decision)
            return
        await self._inner(_forwarded(scope, decision), _replay(decision.forward or b""), send)


def _forwarded(scope: Scope, decision: Decision) -> Scope:
    """The request with the length of what is forwarded, and without the token."""
    changed = {b"authorization", b"content-length"}
    headers = [pair for pair in scope["headers"] if pair[0] not in changed]
    return {**scope, "headers": [*headers, (b"content-length", str(len(decision.forward or b"")).encode())]}


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(3600)  # the client is there as long as the answer takes
        return {"type": "http.disconnect"}

    return receive


async def _refuse(send: Send, decision: Decision) -> None:
    await _answer(send, decision.status, decision.headers(), json.dumps(decision.body()).encode())


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    pairs += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(app: Any, listening: socket.socket) -> Iterator[None]:
    """Serve an application on a socket while the context lasts."""
    config = uvicorn.Config(app, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def protected_server(
    server: MCPServer, listening: socket.socket, engine: PolicyEngine, issuer: str
) -> Iterator[str]:
    """The MCP server behind the engine; yields its URL, which is its resource."""
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    metadata = {"resource": url, "authorization_servers": [issuer], "scopes_supported": ["issues:write"]}
    with serving(_Guard(server.streamable_http_app(), engine, metadata), listening):
        yield url
