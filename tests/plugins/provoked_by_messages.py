"""What leads to each code of a message, of the policies, and of faults of ours."""

from collections.abc import Mapping
from typing import Any

from policy_engine import Client, HttpFacts, TokenFacts
from policy_engine.audit import AuditTrail, FileSink
from policy_engine.errors import MessageError
from policy_engine.mcp import RequestBuilder, Server, TaskOwner, parse_message
from policy_engine.model import EntityUid, Identity
from tests.plugins.provoking import EVERYONE, LIST, Provocation, Room, told
from tests.plugins.raised_codes import Pair

__all__ = ["BY_MESSAGES"]

VERSION = "io.modelcontextprotocol/protocolVersion"
STATELESS = {VERSION: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}

PROPERTIES = {
    "repo": {"type": "string"},
    "state": {"enum": ["open", "closed"]},
    "labels": {"type": "array", "items": {"type": "string"}},
    "amount": {"type": "number"},
    "count": {"type": "integer"},
}
SCHEMA = {"type": "object", "properties": PROPERTIES, "required": ["repo"]}
TOOLS = [
    {"reviewed": True, "item": {"name": "closed", "inputSchema": SCHEMA}},
    {"reviewed": True, "item": {"name": "open", "inputSchema": {**SCHEMA, "additionalProperties": True}}},
]
OVERFLOW = f"""{EVERYONE}
@id("limit") forbid (principal, action == Action::"github/create_issue", resource)
when {{ context.arguments has count && context.arguments.count * 4 > 0 }};"""


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """A call of a tool."""
    return rpc("tools/call", name=name, arguments=arguments)


def sent(message: Any, http: HttpFacts | None = None) -> Provocation:
    """A person sends a message."""
    return lambda room: room.ask(room.world.human(), message, http)


def asked(method: str, **params: Any) -> Provocation:
    """A person sends a request."""
    return sent(rpc(method, **params))


def listening(**wanted: Any) -> dict[str, Any]:
    """A request of the stateless revision."""
    return rpc("subscriptions/listen", notifications=wanted, _meta=STATELESS)


def called(tool: str = "closed", /, **arguments: Any) -> Provocation:
    """A person calls a tool whose arguments are of every type, or one that takes others as well."""
    return at_tools(call(tool, **arguments))


def at_tools(message: Any, **server: Any) -> Provocation:
    """A person sends a message to a server with these tools."""

    def provoke(room: Room) -> Pair:
        resource = room.world.human_claims()["aud"]
        servers = {"github": {"resource": resource, "catalogue": {"tools": TOOLS}, **server}}
        return room.ask(room.world.human(), message, servers=servers, policies=EVERYONE)

    return provoke


def unrecorded(room: Room) -> Pair:
    """The folder of the record isn't there."""
    trail = AuditTrail(sink=FileSink(room.folder / "missing" / "audit.jsonl"))
    return room.ask(room.world.human(), audit=trail)


def rewritten(room: Room) -> Pair:
    """The server lists a tool with another description than the one that was reviewed."""
    engine = room.world.engine()
    engine.check_drift([{"name": "list_issues", "description": "Lists everything."}])
    return told(engine.evaluate(room.world.human(), call("list_issues", repo="a")))


def foreign(_room: Room) -> Pair:
    """A machine asks for a task that is known to be a person's."""

    class Alices:
        def owner(self, server: str, task_id: str) -> TaskOwner:  # noqa: ARG002 -- the port's
            return TaskOwner(principal=EntityUid("User", "corp/alice"))

    server = Server(name="github", resource="https://mcp.example.com/github")
    builder = RequestBuilder({"github": server}, now=lambda: 0, tasks=Alices())
    bot = Identity(principal=Client(issuer="machines", client_id="ci-bot"), token=TokenFacts())
    try:
        builder.build(parse_message(rpc("tasks/cancel", taskId="t")), bot, "github")
    except MessageError as error:
        return error.code, error.detail
    return "allowed", None


MALFORMED: Mapping[str, Any] = {
    "not_utf8": b'{"\xff": 1}',
    "not_json": b'{"id": 1,}',
    "duplicate_member": b'{"id": 1, "id": 2}',
    "not_finite": b'{"id": 1e999}',
    "inexact_number": b'{"id": 0.30000000000000000001}',
    "lone_surrogate": b'{"id": "\\ud83d"}',
    "too_deep": b"[" * 65 + b"]" * 65,
    "too_large": b" " * (1024 * 1024 + 1),
    "batch": b"[]",
    "not_plain": {**LIST, "params": object()},
}
REQUESTS: Mapping[str, Any] = {
    "not_an_object": '"tools/list"',
    "jsonrpc": {"id": 1, "method": "ping"},
    "unknown_member": {"jsonrpc": "2.0", "id": 1, "methods": "ping"},
    "id": {"jsonrpc": "2.0", "id": None, "method": "ping"},
    "method": {"jsonrpc": "2.0", "id": 1, "method": 7},
    "result_and_error": {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}},
    "outcome": {"jsonrpc": "2.0", "id": 1, "result": "yes"},
    "no_message": None,
}


def headed(message: Any, /, **headers: str) -> Provocation:
    """A person sends a message with headers, whose `_` stand for `-`."""
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    return sent(message, HttpFacts(headers={"MCP-Protocol-Version": "2026-07-28", **stated}))


HEADERS: Mapping[str, Provocation] = {
    "missing": headed(rpc("tools/list", _meta=STATELESS)),
    "different": headed(rpc("tools/list", _meta=STATELESS), Mcp_Method="tools/call"),
    "repeated": headed(rpc("tools/list", _meta=STATELESS), Mcp_Method="tools/list", mcp_method="tools/list"),
    "malformed": headed(
        rpc("tools/call", name="a", _meta=STATELESS), Mcp_Method="tools/call", Mcp_Name="=?base64?YQ?="
    ),
}
PARAMS: Mapping[str, Any] = {
    "params": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ["list_issues"]},
    "meta": rpc("tools/list", _meta={VERSION: "2026-07-28"}),
    "lookalike": rpc("tools/call", name="a", Name="b"),
    "name": rpc("tools/call"),
    "uri": rpc("resources/read", uri="file:///etc\\passwd"),
    "uri_authority": rpc("resources/read", uri="https://example.com@127.0.0.1/"),
    "uri_path": rpc("resources/read", uri="file:///public/../etc/passwd"),
    "uri_spelling": rpc("resources/read", uri="file:///%65tc/passwd"),
    "parameter": rpc("logging/setLevel", level=7),
    "taskId": rpc("tasks/get"),
    "ref": rpc("completion/complete", ref={"type": "ref/tool"}),
    "notifications": listening(everything=True),
    "inputResponses": rpc("tools/list", inputResponses=["yes"]),
}
ARGUMENTS: Mapping[str, Provocation] = {
    "wrong_type": called(repo=7),
    "unknown_argument": called(repo="a", force=True),
    "missing_argument": called(),
    "out_of_range": called(repo="a", count=2**63),
    "too_precise": called(repo="a", amount=0.00001),
    "too_many": called(repo="a", labels=["a"] * 10_001),
    "not_a_choice": called(repo="a", state="opne"),
    "lookalike": called("open", repo="a", Repo="b"),
    "reserved_name": called(repo={"__entity": {"type": "User", "id": "corp/alice"}}),
}
BY_MESSAGES: Mapping[Pair, Provocation] = {
    **{("malformed_message", detail): sent(message) for detail, message in MALFORMED.items()},
    **{("invalid_request", detail): sent(message) for detail, message in REQUESTS.items()},
    ("invalid_request", "verb"): sent(LIST, HttpFacts(method="GET")),
    ("invalid_request", "unexpected_response"): headed({"jsonrpc": "2.0", "id": 1, "result": {}}),
    **{("header_mismatch", detail): provoke for detail, provoke in HEADERS.items()},
    **{("invalid_params", detail): sent(message) for detail, message in PARAMS.items()},
    **{("invalid_arguments", detail): provoke for detail, provoke in ARGUMENTS.items()},
    ("unsupported_version", None): sent(LIST, HttpFacts(headers={"MCP-Protocol-Version": "2024-11-05"})),
    ("invalid_origin", None): sent(LIST, HttpFacts(headers={"Origin": "https://evil.example"})),
    ("unknown_method", None): asked("tools/delete"),
    ("unknown_notification", None): sent({"jsonrpc": "2.0", "method": "notifications/everything"}),
    ("unknown_server", None): lambda room: room.ask(room.world.human(), server="gitlab"),
    ("tool_unpinned", None): at_tools(call("added_later")),
    ("tool_unpinned", "lookalike"): at_tools(call("Closed"), unpinned="allow"),
    ("tool_changed", None): rewritten,
    ("foreign_task", None): foreign,
    ("allowed", None): sent(call("list_issues", repo="a")),
    ("no_permit", None): lambda room: room.ask(room.world.machine(), call("list_issues", repo="a")),
    ("forbidden", None): lambda room: room.ask(room.world.machine(), call("delete_repository", repo="a")),
    ("insufficient_scope", None): lambda room: room.ask(
        room.world.machine(scope="issues:read"), call("create_issue", repo="acme/app")
    ),
    ("policy_error", None): lambda room: room.ask(
        room.world.human(), call("create_issue", repo="a", count=2**62), policies=OVERFLOW
    ),
    ("audit_failed", None): unrecorded,
    ("internal_error", None): lambda room: room.ask(room.world.human(), now=lambda: "soon"),
}
