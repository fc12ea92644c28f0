"""FastMCP servers behind the engine: real clients over real HTTP, and all that such a server is made of."""

import asyncio
import importlib.util
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from mcp import MCPError
from mcp_types import ResourceTemplateReference

from policy_engine import PolicyEngine
from tests.interop.protected import serving

if importlib.util.find_spec("fastmcp") is None:
    if os.environ.get("CI") == "true":
        pytest.fail("not installed: fastmcp (pip install 'policy-engine[test]')")
    pytest.skip("not installed: fastmcp (pip install 'policy-engine[test]')", allow_module_level=True)

from fastmcp import Client, Context, FastMCP
from fastmcp.client.transports import StreamableHttpTransport
from fastmcp.exceptions import AuthorizationError, ToolError
from fastmcp.server.dependencies import get_access_token

from policy_engine.integrations.fastmcp import EngineMiddleware, EngineVerifier, principal, protected

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in [Action::"session", Action::"list_tools", Action::"list_prompts",
  Action::"list_resources", Action::"list_resource_templates", Action::"get_prompt"], resource);
@id("machines-open-issues")
permit (principal is Client, action in [Action::"github/create_issue", Action::"github/indirect",
  Action::"github/search"], resource)
when { context.token.scopes.contains("issues:write") };
@id("people-wiki")
permit (principal is User, action == Action::"github/wiki_edit", resource);
@id("people-read")
permit (principal is User, action in [Action::"read_resource", Action::"complete"], resource);
@id("who") @kinds("both")
permit (principal, action in [Action::"github/whoami", Action::"github/look"], resource);
"""
ACME = {"repo": "acme/app", "title": "red"}


@dataclass(kw_only=True)
class Place:
    """A protected server that is served.

    Attributes:
        address: where.
        calls: what its tools were called with.
        world: signs tokens.
        server: the server.
    """

    address: tuple[str, int]
    calls: list[Any]
    world: Any
    server: Any

    @asynccontextmanager
    async def client(self, token: str) -> AsyncIterator[Any]:
        """A client of FastMCP."""
        host, port = self.address
        headers = {"Authorization": f"Bearer {token}"}
        async with Client(StreamableHttpTransport(f"http://{host}:{port}/github", headers=headers)) as client:
            yield client

    def post(self, token: str, message: Any) -> httpx2.Response:
        """Send a message as a client of 2025-11-25 that has no session would."""
        host, port = self.address
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        return httpx2.post(f"http://{host}:{port}/github", json=message, headers=headers, timeout=10)


def made(calls: list[Any], **options: Any) -> FastMCP[Any]:
    """A server with tools, also of a mounted server, one that calls others, prompts and resources."""
    server: FastMCP[Any] = FastMCP("github", **options)
    wiki: FastMCP[Any] = FastMCP("wiki")

    @server.tool
    def create_issue(repo: str, title: str, draft: bool = False) -> str:  # noqa: FBT001, FBT002 -- a tool's
        """Open an issue."""
        calls.append((repo, title, draft))
        return f"opened {title}"

    @server.tool
    def whoami() -> str:
        """Say for whom this is done."""
        token = get_access_token()
        assert token is not None
        return f"{principal().uid} {token.client_id} {token.token!r}"

    @server.tool
    def delete_repository(repo: str) -> str:
        """Delete a repository."""
        calls.append(repo)
        return "gone"

    @wiki.tool
    def edit(page: str) -> str:
        """Edit a page."""
        calls.append(page)
        return f"edited {page}"

    @server.prompt
    def greeting(name: str) -> str:
        return f"greet {name}"

    @server.resource("notes://{name}")
    def note(name: str) -> str:
        calls.append(name)
        return f"note {name}"

    @server.completion
    def complete(ref: Any, argument: Any, context: Any) -> list[str]:
        del ref, argument, context
        return ["mine", "yours"]

    server.mount(wiki, namespace="wiki")
    add_tools_that_use_others(server)
    return server


def add_tools_that_use_others(server: FastMCP[Any]) -> None:
    """By the server itself, not by its client."""

    @server.tool
    async def indirect(name: str, ctx: Context) -> str:
        """Call another tool."""
        result = await ctx.fastmcp.call_tool(name, {"repo": "acme/app"} if name != "create_issue" else ACME)
        return str(result.content[0].text)  # type: ignore[union-attr]

    @server.tool
    async def look(how: str, ctx: Context) -> str:
        """Use something that isn't a tool."""
        match how:
            case "read":
                await ctx.read_resource("notes://mine")
            case "ask":
                await ctx.fastmcp.render_prompt("greeting", {"name": "a"})
            case _:
                await ctx.fastmcp._check_resource_access("notes://mine")  # noqa: SLF001 -- extensions do
        return "seen"

    @server.tool
    async def search(ctx: Context) -> str:
        """Tell of all tools."""
        return json.dumps([tool.name for tool in await ctx.fastmcp.list_tools()])


async def pinned(server: FastMCP[Any]) -> list[dict[str, Any]]:
    """The catalogue of a server, as it lists itself."""
    tools = await server.list_tools(run_middleware=False)
    dumped = [tool.to_mcp_tool(name=tool.name).model_dump(by_alias=True, exclude_none=True) for tool in tools]
    return [{"reviewed": True, "item": {**tool, "_meta": tool.get("_meta", {})}} for tool in dumped]


def engine_for(world: Any, server: FastMCP[Any]) -> PolicyEngine:
    """An engine that knows a server's tools; whether they change is another test's."""
    entry = {
        "resource": "https://mcp.example.com/github",
        "catalogue": {"tools": asyncio.run(pinned(server))},
        "changed": "warn",
    }
    engine: PolicyEngine = world.engine(POLICIES, servers={"github": entry})
    return engine


@pytest.fixture(scope="module")
def served(shared_world: Any) -> Iterator[Place]:
    """A server that is served."""
    calls: list[Any] = []
    server = made(calls)
    engine = engine_for(shared_world, server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with serving(protected(server, engine, "github"), listening):
            yield Place(address=address, calls=calls, world=shared_world, server=server)


@pytest.fixture
def place(served: Place) -> Iterator[Place]:
    """The server, of which nothing was asked."""
    served.calls.clear()
    served.world.sink.records.clear()
    now = served.world.now
    yield served
    served.world.now = now


def call(name: str, /, **arguments: Any) -> dict[str, Any]:
    """A call of a tool."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


def test_a_machine_gets_what_is_its_own(place: Place) -> None:
    """Its list, its tool, and its error; the tool knows for whom it works, and has no token."""

    async def converse() -> tuple[list[str], str, str, str]:
        async with place.client(place.world.machine()) as client:
            listed = [tool.name for tool in await client.list_tools()]
            opened = (await client.call_tool("create_issue", ACME)).content[0].text
            who = (await client.call_tool("whoami", {})).content[0].text
            with pytest.raises((MCPError, ToolError)) as error:
                await client.call_tool("delete_repository", {"repo": "acme/app"})
            return listed, opened, who, str(error.value)

    assert asyncio.run(converse()) == (
        ["create_issue", "whoami", "indirect", "look", "search"],
        "opened red",
        """Client::"machines/ci-bot" Client::"machines/ci-bot" ''""",
        "Forbidden",
    )
    assert place.calls == [("acme/app", "red", False)]


def test_a_person_with_the_same_sub_is_somebody_else(place: Place) -> None:
    """Other tools, also mounted ones; other principal; resources and completions."""

    async def converse() -> tuple[list[str], str, str, str, list[str]]:
        async with place.client(place.world.human("ci-bot")) as client:
            listed = [tool.name for tool in await client.list_tools()]
            edited = (await client.call_tool("wiki_edit", {"page": "a"})).content[0].text
            who = (await client.call_tool("whoami", {})).content[0].text
            read = (await client.read_resource("notes://mine"))[0].text
            reference = ResourceTemplateReference(type="ref/resource", uri="notes://{name}")
            completed = await client.complete(reference, {"name": "name", "value": "m"})
            return listed, edited, who, read, completed.values

    assert asyncio.run(converse()) == (
        ["whoami", "look", "wiki_edit"],
        "edited a",
        """User::"corp/ci-bot" User::"corp/ci-bot" ''""",
        "note mine",
        ["mine", "yours"],
    )
    assert place.calls == ["a", "mine"]


@pytest.mark.parametrize("kind", ["wiki_edit", "resource", "complete"])
def test_what_is_mounted_made_from_a_template_or_completed_is_decided_on(place: Place, kind: str) -> None:
    """A machine may do none of these here."""
    reference = {"type": "ref/resource", "uri": "notes://{name}"}
    message = {
        "wiki_edit": call("wiki_edit", page="a"),
        "resource": {
            "jsonrpc": "2.0",
            "id": 7,
            "method": "resources/read",
            "params": {"uri": "notes://mine"},
        },
        "complete": {
            "jsonrpc": "2.0",
            "id": 7,
            "method": "completion/complete",
            "params": {"ref": reference, "argument": {"name": "name", "value": "m"}},
        },
    }[kind]
    assert place.post(place.world.machine(), message).status_code == 403
    assert place.calls == []


def test_what_scopes_would_allow_is_a_challenge_for_them(place: Place) -> None:
    """As HTTP has it."""
    answer = place.post(place.world.machine(scope=""), call("create_issue", **ACME))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"].endswith('error="insufficient_scope", scope="issues:write"')
    assert place.calls == []


def test_a_token_that_expires_ends_the_conversation(place: Place) -> None:
    """The next message is refused, and tells where to get another."""

    async def converse() -> None:
        async with place.client(place.world.machine()) as client:
            await client.list_tools()
            place.world.now += 10_000
            await client.call_tool("create_issue", ACME)

    with pytest.raises(Exception):  # noqa: B017, PT011 -- FastMCP's client has several for it
        asyncio.run(converse())
    assert place.calls == []
    assert place.world.sink.records[-1]["code"] == "expired_token"
    answer = place.post(place.world.machine(exp=place.world.now - 1000), call("create_issue", **ACME))
    assert (answer.status_code, "resource_metadata=" in answer.headers["www-authenticate"]) == (401, True)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create_issue", {**ACME, "draft": "true"}),
        ("create_issue", {**ACME, "draft": 1}),
        ("create_issue", {**ACME, "repo": 7}),
        ("create_issue", {**ACME, "more": 7}),
        ("create_issue", {"repo": "acme/app"}),
        ("Create_issue", ACME),
        ("wiki__edit", {"page": "a"}),
        ("edit", {"page": "a"}),
        ("__0123456789ab_create_issue", ACME),
    ],
)
def test_arguments_and_names_that_the_server_would_read_otherwise_never_reach_it(
    place: Place, name: str, arguments: dict[str, Any]
) -> None:
    """FastMCP converts arguments, and knows tools by further names."""
    for token in (place.world.machine(), place.world.human("ci-bot")):
        assert place.post(token, call(name, **arguments)).status_code in (400, 403, 404)
        assert place.world.sink.records[-1]["decision"] == "deny"
    assert place.calls == []


@pytest.mark.parametrize("method", ["tasks/list", "skills/list", "admin/run", "notifications/admin"])
def test_what_the_protocol_doesnt_have_is_refused(place: Place, method: str) -> None:
    """Whatever extensions add."""
    message = {"jsonrpc": "2.0", "id": 7, "method": method}
    assert place.post(place.world.human("ci-bot"), message).status_code in (400, 403, 404)
    assert place.world.sink.records[-1]["decision"] == "deny"


# --- what a server does in its turn -------------------------------------------------------------


def indirectly(place: Place, name: str) -> str:
    """What comes of a tool that calls another."""

    async def converse() -> str:
        async with place.client(place.world.machine()) as client:
            result = await client.call_tool("indirect", {"name": name}, raise_on_error=False)
            return str(result.content[0].text)

    return asyncio.run(converse())


def test_a_tool_calls_what_its_caller_may(place: Place) -> None:
    """The call within is decided on, and recorded, as theirs."""
    assert indirectly(place, "create_issue") == "opened red"
    calls = [record for record in place.world.sink.records if record["method"] == "tools/call"]
    assert [(record["action"], record["principal"]["id"]) for record in calls] == [
        ('Action::"github/indirect"', "machines/ci-bot"),
        ('Action::"github/create_issue"', "machines/ci-bot"),
    ]


def test_a_tool_calls_nothing_that_its_caller_may_not(place: Place) -> None:
    """Whatever it is told to."""
    assert "opened" not in indirectly(place, "delete_repository")
    assert place.calls == []
    assert place.world.sink.records[-1]["code"] == "no_permit"


@pytest.mark.parametrize(
    ("person", "how", "code"),
    [
        (True, "read", "allowed"),
        (True, "check", "allowed"),
        (True, "ask", "allowed"),
        (False, "read", "no_permit"),
        (False, "check", "no_permit"),
    ],
)
def test_a_tool_reads_what_its_caller_may(place: Place, *, person: bool, how: str, code: str) -> None:
    """Resources and prompts too."""
    token = place.world.human("ci-bot") if person else place.world.machine()

    async def converse() -> str:
        async with place.client(token) as client:
            result = await client.call_tool("look", {"how": how}, raise_on_error=False)
            return str(result.content[0].text)

    assert (asyncio.run(converse()) == "seen") is (code == "allowed")
    inner = [
        record for record in place.world.sink.records if record["method"] in ("resources/read", "prompts/get")
    ]
    assert [record["code"] for record in inner] == [code]
    assert place.calls == (["mine"] if person and how == "read" else [])


def test_outside_of_a_request_no_resource_is_looked_at(world: Any) -> None:
    """Nobody asks."""
    server = made([])
    protected(server, engine_for(world, server), "github")
    with pytest.raises(AuthorizationError):
        asyncio.run(server._check_resource_access("notes://mine"))  # noqa: SLF001 -- extensions do


def test_a_tool_that_lists_tools_finds_none(place: Place) -> None:
    """It would tell in its own words what the list leaves out."""

    async def converse() -> str:
        async with place.client(place.world.machine()) as client:
            return str((await client.call_tool("search", {})).content[0].text)

    assert asyncio.run(converse()) == "[]"


def test_nobody_chooses_a_version(place: Place) -> None:
    """Policies know of the tool that is listed."""

    async def converse() -> None:
        async with place.client(place.world.machine()) as client:
            await client.call_tool("create_issue", ACME, version="1")

    with pytest.raises((MCPError, ToolError), match="Invalid request"):
        asyncio.run(converse())
    assert place.calls == []


# --- other ways in ------------------------------------------------------------------------------


def test_no_other_way_leads_in(world: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Streams of memory, as standard input would be: nobody has named anybody."""
    calls: list[Any] = []
    server = made(calls)
    protected(server, engine_for(world, server), "github")

    async def converse() -> None:
        async with Client(server) as client:
            await client.call_tool("create_issue", ACME)

    with pytest.raises(Exception), caplog.at_level(logging.ERROR, "policy_engine"):  # noqa: B017, PT011 -- several
        asyncio.run(converse())
    assert calls == []
    assert "no guard has seen" in caplog.text


def test_a_server_is_closed_until_it_is_guarded(world: Any) -> None:
    """The middleware alone lets nothing by; it is added once."""
    server = made([])
    engine = engine_for(world, server)
    protected(server, engine, "github")
    protected(server, engine, "github")
    assert sum(isinstance(each, EngineMiddleware) for each in server.middleware) == 1
    with pytest.raises(MCPError, match="Unauthorized"):
        asyncio.run(server.call_tool("whoami", {}))


def test_a_server_with_a_verifier_keeps_it(world: Any) -> None:
    """It says whom the guard has let in; alone, whose a token is."""
    calls: list[Any] = []
    engine = engine_for(world, made([]))
    verifier = EngineVerifier(engine, "github")
    server = made(calls, auth=verifier)

    async def converse(place: Place) -> str:
        async with place.client(world.machine()) as client:
            return str((await client.call_tool("whoami", {})).content[0].text)

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        serving(protected(server, engine, "github"), listening),
    ):
        place = Place(address=listening.getsockname(), calls=calls, world=world, server=server)
        assert asyncio.run(converse(place)).startswith('Client::"machines/ci-bot"')

    found = asyncio.run(verifier.verify_token(world.human("ci-bot")))
    assert found is not None
    assert (found.client_id, found.subject, found.token) == ('User::"corp/ci-bot"', "ci-bot", "")
    assert asyncio.run(verifier.verify_token("nonsense")) is None
