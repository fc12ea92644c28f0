"""Servers of the official SDK behind the engine: real clients over real HTTP, of both revisions."""

import asyncio
import http.client
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import mcp_types as types
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer, Server
from mcp.server.auth.settings import AuthSettings

from policy_engine import PolicyEngine
from policy_engine.integrations.mcp_sdk import Hook, Verifier, principal, protected
from tests.interop.protected import serving

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in [Action::"session", Action::"list_tools", Action::"list_prompts",
  Action::"list_resources", Action::"list_resource_templates"], resource);
@id("machines-open-issues")
permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.arguments.repo like "acme/*" && context.token.scopes.contains("issues:write") };
@id("people-label")
permit (principal is User, action == Action::"github/label", resource);
@id("people-read")
permit (principal is User, action in [Action::"read_resource", Action::"complete"], resource);
@id("machines-who") @kinds("both")
permit (principal, action == Action::"github/whoami", resource);
"""
MODES = ["auto", "legacy"]
ACME = {"repo": "acme/app", "title": "red"}


@dataclass(kw_only=True)
class Place:
    """A protected server that is served.

    Attributes:
        address: where.
        calls: what its tools were called with.
        world: signs tokens.
    """

    address: tuple[str, int]
    calls: list[Any]
    world: Any
    engine: PolicyEngine
    server: Any = None

    def post(self, token: str | None, message: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send bytes, or a message, as a client of 2025-11-25 that has no session would."""
        connection = http.client.HTTPConnection(*self.address, timeout=10)
        own = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers}
        if token:
            own["Authorization"] = f"Bearer {token}"
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        connection.request("POST", "/github", body, own)
        answer = connection.getresponse()
        told = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        connection.close()
        return told

    @asynccontextmanager
    async def client(self, token: str, mode: Any) -> AsyncIterator[Client]:
        """A client of the SDK."""
        host, port = self.address
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=10) as transport:
            streams = streamable_http_client(f"http://{host}:{port}/github", http_client=transport)
            async with Client(streams, mode=mode) as client:
                yield client


def made(calls: list[Any], **options: Any) -> MCPServer:
    """A server with tools, a prompt, and resources."""
    server = MCPServer("github", log_level="ERROR", **options)

    @server.tool()
    def create_issue(repo: str, title: str, draft: bool = False) -> str:  # noqa: FBT001, FBT002 -- a tool's
        """Open an issue."""
        calls.append((repo, title, draft))
        return f"opened `{title}` in {repo}"

    @server.tool()
    def label(repo: str, names: list[str]) -> str:
        """Label a repository."""
        calls.append((repo, names))
        return ", ".join(names)

    @server.tool()
    def whoami() -> str:
        """Say for whom this is done."""
        return str(principal().uid)

    @server.tool()
    def delete_repository(repo: str) -> str:
        """Delete a repository."""
        calls.append(repo)
        return "gone"

    @server.resource("notes://{name}")
    def note(name: str) -> str:
        calls.append(name)
        return f"note {name}"

    return server


async def pinned(server: MCPServer) -> list[dict[str, Any]]:
    """The catalogue of a server, as it lists itself."""
    tools = [tool.model_dump(by_alias=True, exclude_none=True) for tool in await server.list_tools()]
    return [{"reviewed": True, "item": tool} for tool in tools]


def engine_for(world: Any, server: MCPServer, policies: str = POLICIES) -> PolicyEngine:
    """An engine that knows a server's tools."""
    catalogue = {"tools": asyncio.run(pinned(server))}
    entry = {"resource": "https://mcp.example.com/github", "catalogue": catalogue}
    engine: PolicyEngine = world.engine(policies, servers={"github": entry})
    return engine


@pytest.fixture(scope="module")
def served(shared_world: Any) -> Iterator[Place]:
    """A server of the high-level kind."""
    calls: list[Any] = []
    server = made(calls)
    engine = engine_for(shared_world, server)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        with serving(protected(server, engine, "github"), listening):
            yield Place(address=address, calls=calls, world=shared_world, engine=engine, server=server)


@pytest.fixture
def place(served: Place) -> Iterator[Place]:
    """The server, of which nothing was asked."""
    served.calls.clear()
    served.world.sink.records.clear()
    now = served.world.now
    yield served
    served.world.now = now


def said(result: Any) -> str:
    """The text of a result."""
    return str(result.content[0].text)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """A call of a tool."""
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


@pytest.mark.parametrize("mode", MODES)
def test_a_machine_gets_what_is_its_own(place: Place, mode: str) -> None:
    """Its list, its tool, and its error; the tool knows for whom it works."""

    async def converse() -> tuple[list[str], str, str, int]:
        async with place.client(place.world.machine(), mode) as client:
            listed = [tool.name for tool in (await client.list_tools()).tools]
            opened = said(await client.call_tool("create_issue", ACME))
            who = said(await client.call_tool("whoami", {}))
            with pytest.raises(MCPError) as error:
                await client.call_tool("delete_repository", {"repo": "acme/app"})
            return listed, opened, who, error.value.error.code

    assert asyncio.run(converse()) == (
        ["create_issue", "whoami"],
        "opened `red` in acme/app",
        'Client::"machines/ci-bot"',
        403,
    )
    assert place.calls == [("acme/app", "red", False)]


@pytest.mark.parametrize("mode", MODES)
def test_a_person_with_the_same_sub_is_somebody_else(place: Place, mode: str) -> None:
    """Other tools, other principal."""

    async def converse() -> tuple[list[str], str]:
        async with place.client(place.world.human("ci-bot"), mode) as client:
            listed = [tool.name for tool in (await client.list_tools()).tools]
            return listed, said(await client.call_tool("whoami", {}))

    assert asyncio.run(converse()) == (["label", "whoami"], 'User::"corp/ci-bot"')


def test_a_session_serves_nobody_but_who_began_it(place: Place) -> None:
    """Not even their namesake of the other kind."""
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "c", "version": "1"},
    }
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    status, headers, _ = place.post(place.world.machine(), begin)
    assert status == 200
    session = {"Mcp-Session-Id": headers["mcp-session-id"]}
    ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}

    assert place.post(place.world.machine(), ping, **session)[0] == 200
    assert place.post(place.world.human("ci-bot"), ping, **session)[0] == 404


def test_what_scopes_would_allow_is_a_challenge_for_them(place: Place) -> None:
    """As HTTP has it (MCP, Authorization, Scope Challenge Handling)."""
    status, headers, body = place.post(place.world.machine(scope=""), call("create_issue", **ACME))

    assert (status, headers["www-authenticate"]) == (
        403,
        'Bearer resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/github", '
        'error="insufficient_scope", scope="issues:write"',
    )
    assert json.loads(body)["error"]["code"] == 403
    assert place.calls == []


@pytest.mark.parametrize("token", [None, "nonsense", "expired"])
def test_without_a_good_token_nothing_is_done(place: Place, token: str | None) -> None:
    """And the client learns where to get one."""
    sent = place.world.machine(exp=place.world.now - 1000) if token == "expired" else token
    status, headers, _ = place.post(sent, call("create_issue", **ACME))
    assert status == 401
    assert "resource_metadata=" in headers["www-authenticate"]
    assert place.calls == []


def test_a_stream_ends_when_its_token_does(place: Place) -> None:
    """In the middle of it."""

    async def listen() -> bool:
        async with place.client(place.world.human("ci-bot"), "legacy") as client:
            await client.list_tools()
            place.world.now += 10_000
            with pytest.raises(MCPError):
                await client.list_tools()
        return True

    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "c", "version": "1"},
    }
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    token = place.world.machine()
    session = place.post(token, begin)[1]["mcp-session-id"]
    connection = http.client.HTTPConnection(*place.address, timeout=10)
    own = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream", "Mcp-Session-Id": session}
    connection.request("GET", "/github", headers=own)
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("content-type")) == (200, "text/event-stream")

    assert asyncio.run(listen())

    assert b"result" not in answer.read()  # returns, since the stream has ended
    connection.close()
    assert "expired_token" in [record["code"] for record in place.world.sink.records]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("label", {"repo": "acme/app", "names": '["a"]'}),
        ("label", {"repo": "acme/app", "names": "a"}),
        ("label", {"repo": 7, "names": []}),
        ("label", {"repo": "acme/app", "names": [], "more": 1}),
        ("label", {"repo": "acme/app", "Names": []}),
        ("label", {"names": []}),
        ("label", {"repo": {"like": "acme"}, "names": []}),
        ("label\x00", {}),
        ("Label", {"repo": "acme/app", "names": []}),
    ],
)
def test_arguments_that_a_tool_would_read_otherwise_never_reach_it(
    place: Place, name: str, arguments: dict[str, Any]
) -> None:
    """The SDK would parse some of them as JSON, convert others, and leave others out."""
    status, _, _ = place.post(place.world.human("ci-bot"), call(name, **arguments))
    assert status in (400, 403, 404)
    assert (place.calls, place.world.sink.records[-1]["decision"]) == ([], "deny")


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"delete_repository"}}',
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"label","arguments":{"repo":"a","names":[NaN]}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"admin/run"}',
        b'{"jsonrpc":"2.0","method":"notifications/admin"}',
        b"\xff",
        b"",
    ],
)
def test_messages_that_are_none_are_refused(place: Place, body: bytes) -> None:
    """Also methods that the server has and the protocol hasn't."""

    async def run(_ctx: Any, _params: Any) -> types.EmptyResult:
        place.calls.append("admin")
        return types.EmptyResult()

    lowlevel = place.server._lowlevel_server  # noqa: SLF001 -- extensions add methods there
    lowlevel.add_request_handler("admin/run", types.RequestParams, run)
    status, _, _ = place.post(place.world.human("ci-bot"), body)
    assert (400 <= status < 500, place.calls) == (True, [])
    assert place.world.sink.records[-1]["decision"] == "deny"


def test_a_tool_gets_what_policies_have_seen(place: Place) -> None:
    """With the defaults that the catalogue has."""
    place.post(place.world.machine(), call("create_issue", **ACME))
    assert place.world.sink.records[-1]["arguments"] == dict.fromkeys(("draft", "repo", "title"), "redacted")


def test_resources_are_decided_on(place: Place) -> None:
    """Of templates too."""

    async def read(token: str) -> Any:
        async with place.client(token, "auto") as client:
            try:
                return (await client.read_resource("notes://mine")).contents[0].text  # type: ignore[union-attr]
            except MCPError as error:
                return error.error.code

    assert asyncio.run(read(place.world.human("ci-bot"))) == "note mine"
    assert asyncio.run(read(place.world.machine())) == 403
    assert place.calls == ["mine"]


# --- other ways in ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_no_other_way_leads_in(world: Any, mode: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Streams of memory, as standard input would be: nobody has named anybody."""
    calls: list[Any] = []
    server = made(calls)
    protected(server, engine_for(world, server), "github")

    async def converse() -> None:
        async with Client(server, mode=mode) as client:
            await client.call_tool("create_issue", ACME)

    with pytest.raises((MCPError, ExceptionGroup)), caplog.at_level(logging.ERROR, "policy_engine"):
        asyncio.run(converse())
    assert calls == []
    assert "no guard has seen" in caplog.text


def test_an_application_that_isnt_guarded_answers_nothing(world: Any) -> None:
    """Whatever token comes with the message."""
    calls: list[Any] = []
    server = made(calls)
    engine = engine_for(world, server)
    protected(server, engine, "github")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = server.streamable_http_app(streamable_http_path="/github", stateless_http=True)
        with serving(app, listening):
            place = Place(address=listening.getsockname(), calls=calls, world=world, engine=engine)
            status, _, body = place.post(world.machine(), call("create_issue", **ACME))
    assert (status, calls) == (200, [])
    assert b'"error":{"code":401,"message":"Unauthorized"}' in body


# --- the other kind of server, and the SDK's own authorization -----------------------------------


def lowlevel(calls: list[Any]) -> Server[Any]:
    """A server whose tool wants an argument repeated in a header, so that the SDK asks it for its list."""
    schema = {
        "type": "object",
        "properties": {
            "repo": {"type": "string", "x-mcp-header": "Repo"},
            "title": {"type": "string"},
        },
        "required": ["repo", "title"],
    }

    async def list_tools(_ctx: Any, _params: Any) -> types.ListToolsResult:
        calls.append("listed")
        names = ("create_issue", "delete_repository")
        return types.ListToolsResult(tools=[types.Tool(name=name, input_schema=schema) for name in names])

    async def call_tool(ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        del ctx
        calls.append((params.name, params.arguments))
        return types.CallToolResult(content=[types.TextContent(type="text", text=str(principal().uid))])

    return Server("github", on_list_tools=list_tools, on_call_tool=call_tool)


def lowlevel_engine(world: Any, *without: str) -> PolicyEngine:
    """An engine that knows its tools; `without` are words of what is left out of the policies."""
    schema = {
        "type": "object",
        "properties": {"repo": {"type": "string", "x-mcp-header": "Repo"}, "title": {"type": "string"}},
        "required": ["repo", "title"],
    }
    items = [
        {"reviewed": True, "item": {"name": name, "inputSchema": schema}}
        for name in ("create_issue", "delete_repository")
    ]
    entry = {"resource": "https://mcp.example.com/github", "catalogue": {"tools": items}}
    policies = ";".join(
        rule for rule in POLICIES.split(";") if "/label" not in rule and "/whoami" not in rule
    )
    for each in without:
        policies = policies.replace(each, "")
    engine: PolicyEngine = world.engine(policies, servers={"github": entry})
    return engine


@pytest.mark.parametrize("mode", MODES)
def test_servers_of_the_low_level_are_protected_alike(world: Any, mode: str) -> None:
    """What the SDK asks them in between is decided on for the same caller."""
    calls: list[Any] = []
    server, engine = lowlevel(calls), lowlevel_engine(world)

    async def converse(place: Place) -> tuple[list[str], str]:
        async with place.client(world.machine(), mode) as client:
            listed = [tool.name for tool in (await client.list_tools()).tools]
            return listed, said(await client.call_tool("create_issue", ACME))

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        serving(protected(server, engine, "github"), listening),
    ):
        place = Place(address=listening.getsockname(), calls=calls, world=world, engine=engine)
        assert asyncio.run(converse(place)) == (["create_issue"], 'Client::"machines/ci-bot"')
    asked_itself = ["listed"] if mode == "auto" else []
    assert calls == ["listed", *asked_itself, ("create_issue", ACME)]


def test_what_the_sdk_asks_a_server_itself_is_refused_as_its_caller_would_be(world: Any) -> None:
    """The list isn't made; the call, which is allowed, is."""
    calls: list[Any] = []
    server, engine = lowlevel(calls), lowlevel_engine(world, 'Action::"list_tools", ')

    version = "2026-07-28"
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    message = call("create_issue", **ACME)
    message["params"]["_meta"] = meta
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": "create_issue"}

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        serving(protected(server, engine, "github"), listening),
    ):
        place = Place(address=listening.getsockname(), calls=calls, world=world, engine=engine)
        status, _, body = place.post(world.machine(), message, **headers, **{"Mcp-Param-Repo": ACME["repo"]})
    assert (status, b"machines/ci-bot" in body) == (200, True)
    assert calls == [("create_issue", ACME)]
    codes = [(record["method"], record["code"]) for record in world.sink.records]
    assert codes == [("tools/call", "allowed"), ("tools/list", "no_permit")]


def test_a_server_with_settings_of_its_own_keeps_them(world: Any) -> None:
    """Its verifier says whom the guard has let in."""
    calls: list[Any] = []
    bare = made([])
    engine = engine_for(world, bare)
    settings = AuthSettings(
        issuer_url="https://as.example.com",
        resource_server_url="https://mcp.example.com/github",
        validate_token_resource=False,
    )
    server = made(calls, auth=settings, token_verifier=Verifier(engine, "github"))

    async def converse(place: Place) -> str:
        async with place.client(world.machine(), "auto") as client:
            return said(await client.call_tool("whoami", {}))

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        serving(protected(server, engine, "github"), listening),
    ):
        place = Place(address=listening.getsockname(), calls=calls, world=world, engine=engine)
        assert asyncio.run(converse(place)) == 'Client::"machines/ci-bot"'


Tokens = Callable[[Any], str]


@pytest.mark.parametrize(
    ("token", "client_id", "subject"),
    [
        (lambda world: world.machine(), 'Client::"machines/ci-bot"', None),
        (lambda world: world.human("ci-bot"), 'User::"corp/ci-bot"', "ci-bot"),
    ],
    ids=["machine", "person"],
)
def test_the_verifier_says_whose_a_token_is(
    world: Any, token: Tokens, client_id: str, subject: str | None
) -> None:
    """And keeps the token to itself."""
    verifier = Verifier(world.engine(), "github")
    found = asyncio.run(verifier.verify_token(token(world)))
    assert found is not None
    assert (found.client_id, found.subject, found.token, found.scopes) == (client_id, subject, "", [])
    kind, _, own_id = client_id.partition("::")
    assert found.claims == {
        "iss": own_id.strip('"').partition("/")[0],
        "principal": {"type": kind, "id": own_id.strip('"')},
    }
    assert world.sink.records == []


@pytest.mark.parametrize(
    "token",
    [
        lambda _: "nonsense",
        lambda _: "",
        lambda world: world.machine(aud="https://mcp.example.com/other"),
        lambda world: world.machine(exp=world.now - 1000),
        lambda world: world.machine(cnf={"jkt": "a"}),
    ],
    ids=["nonsense", "none", "another server's", "expired", "bound"],
)
def test_the_verifier_knows_nobody_by_other_tokens(world: Any, token: Tokens) -> None:
    """Also by one that is bound to a key, for nobody has asked for the proof."""
    assert asyncio.run(Verifier(world.engine(), "github").verify_token(token(world))) is None


def test_outside_of_a_guard_nobody_asks(world: Any) -> None:
    """And a server has one hook, however often it is protected."""
    with pytest.raises(LookupError):
        principal()
    server = made([])
    engine = engine_for(world, server)
    protected(server, engine, "github")
    protected(server, engine, "github")
    assert sum(isinstance(each, Hook) for each in server.middleware) == 1
