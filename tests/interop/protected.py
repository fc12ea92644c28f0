"""A real MCP server behind the engine, over real HTTP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from mcp.server import MCPServer

from policy_engine import PolicyEngine
from policy_engine.integrations.asgi import Guarded

__all__ = ["github_server", "protected_server", "serving"]


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
def protected_server(server: MCPServer, listening: socket.socket, engine: PolicyEngine) -> Iterator[str]:
    """The MCP server behind the engine; yields its URL, which is its resource."""
    with serving(Guarded(server.streamable_http_app(), engine, "github"), listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
