"""A real client of the official SDK, the gateway, and a real server of the SDK; both revisions."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer
from mcp.server.mcpserver import Context

from tests.integrations.gateway.conftest import MakeSite, Site, served

MODES = ["auto", "legacy"]


class Server:
    """A server with two tools, and what it gets to see."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        server = MCPServer("github", log_level="ERROR")

        @server.tool()
        async def create_issue(repo: str, context: Context) -> str:
            """Open an issue."""
            for step in range(3):
                await context.report_progress(step, 3)
                await asyncio.sleep(0.15)
            return f"opened in {repo}"

        @server.tool()
        def delete_repository(repo: str) -> str:
            """Delete a repository."""
            return f"deleted {repo}"

        self._app = server.streamable_http_app()
        self.tools = [
            tool.model_dump(mode="json", by_alias=True, exclude_none=True)
            for tool in asyncio.run(server.list_tools())
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, and keep what came."""
        if scope["type"] == "http":
            self.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        await self._app(scope, receive, send)


@pytest.fixture
def server() -> Server:
    """The server."""
    return Server()


@pytest.fixture
def made(site: MakeSite, server: Server) -> Iterator[Site]:
    """The gateway in front of it."""
    with served(server) as base:
        yield site({"github": f"{base}/mcp"}, tools=server.tools)


async def talk(site: Site, token: str, mode: str) -> tuple[list[str], str, str, list[tuple[float, float]]]:
    """What is listed, what the allowed tool says, how the other is refused, and when progress came."""
    seen: list[tuple[float, float]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        assert (total, message) == (3, None)
        seen.append((progress, time.monotonic()))

    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=20, trust_env=False)
        )
        transport = streamable_http_client(f"{site.base}/github", http_client=http)
        client = await stack.enter_async_context(Client(transport, mode=mode))
        listed = [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("create_issue", {"repo": "a"}, progress_callback=progress)
        try:
            refusal = str(await client.call_tool("delete_repository", {"repo": "a"}))
        except MCPError as error:
            refusal = f"{error.error.code}"
        return listed, answer.content[0].text, refusal, seen  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", MODES)
def test_a_real_client_and_a_real_server_meet(made: Site, server: Server, mode: str) -> None:
    """What is allowed works, what isn't is hidden and refused; progress comes as it is made."""
    token = made.machine()
    listed, said, refusal, seen = asyncio.run(asyncio.wait_for(talk(made, token, mode), 30))

    assert (listed, said) == (["create_issue"], "opened in a")
    assert refusal == "403"
    assert [done for done, _ in seen] == [0, 1, 2]
    assert seen[2][1] - seen[0][1] > 0.2
    records = [record for record in made.records() if record["method"] == "tools/call"]
    assert [record["code"] for record in records] == ["allowed", "no_permit"]
    assert all("authorization" not in headers for headers in server.headers)
    assert token not in json.dumps(server.headers)


@pytest.mark.parametrize("mode", MODES)
def test_a_person_sees_and_does_more(made: Site, mode: str) -> None:
    """Through the same gateway, with the same policies."""
    listed, _, refusal, _ = asyncio.run(asyncio.wait_for(talk(made, made.human(), mode), 30))
    assert listed == ["create_issue", "delete_repository"]
    assert "deleted a" in refusal


def test_a_session_ends_when_its_client_says_so(made: Site, server: Server) -> None:
    """DELETE gets through, and afterwards nobody is served in it."""
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    message = {"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": hello}
    session = made.ask(made.machine(), message).headers["mcp-session-id"]
    more = {"mcp_session_id": session, "mcp_protocol_version": "2025-11-25"}
    ping = {"jsonrpc": "2.0", "id": 8, "method": "ping"}

    assert made.ask(made.machine(), ping, **more).status_code == 200
    assert made.ask(made.machine("other-bot"), b"", method="DELETE", **more).status_code == 404
    assert made.ask(made.machine(), ping, **more).status_code == 200
    assert made.ask(made.machine(), b"", method="DELETE", **more).status_code == 200
    assert made.ask(made.machine(), ping, **more).status_code == 404
    assert session not in json.dumps(server.headers)
