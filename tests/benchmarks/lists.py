"""What it costs to filter a list of 10 and of 1,000 tools, against asking plain cedarpy about each.

The peer ("bare") is what a careful user of cedarpy writes: parsed handles for policies, entities and schema,
and one call a tool, with the context as a JSON string. It can't know the arguments of calls that nobody made,
so its answer is a guess; ours holds for all of them.
"""

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import cedarpy

from policy_engine import Client, PolicyEngine, TokenFacts
from policy_engine.model import Identity
from tests.benchmarks.peers import entity, moment, schema_of
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Way, in_turn
from tests.benchmarks.world import NOW, RESOURCE, Json, World

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
BARE = "bare cedarpy, a call a tool"
SIZES = ((10, 10), (1_000, 10), (1_000, 300))
"""Tools and policies."""

COMMON = """
@id("lists") @kinds("both") permit (principal, action == Action::"list_tools", resource);
@id("people-read") permit (principal is User, action in Action::"read_only", resource);
@id("machines-read") permit (principal is Client, action in Action::"read_only", resource)
when { context.token.scopes.contains("issues:read") };
@id("harmless") forbid (principal is Client, action in Action::"destructive", resource)
unless { resource.idempotent };
@id("no-secrets") forbid (principal, action in Action::"github/*", resource)
when { resource.name like "tool-99*" };
@id("day") forbid (principal, action in Action::"destructive", resource)
when { context.time.toTime() > duration("20h") };
"""
RULE = """
@id("ci-{n}")
permit (principal in ClientGroup::"machines/team-{team}", action == Action::"github/tool-{tool}", resource)
when {{ context.arguments has repo && context.arguments.repo == "acme/app-{n}" }};"""


def measure() -> Iterator[Row]:
    """Each size."""
    for tools, policies in SIZES:
        yield from of_size(tools, policies)


def of_size(tools: int, policies: int, pace: Pace = PACE) -> Iterator[Row]:
    """Ways to answer, in turn."""
    rules = COMMON + "".join(
        RULE.format(n=n, team=n % 7, tool=n * 3 % tools) for n in range(policies - COMMON.count("@id"))
    )
    catalogue: Json = {"tools": [{"reviewed": True, "item": tool(n)} for n in range(tools)]}
    engine = engine_with(rules, catalogue)
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool(n) for n in range(tools)]}})
    callers, fresh = somebody(), (answer.replace('"tools"', f'"n": {n}, "tools"', 1) for n in count())
    started = time.process_time()
    shown = engine.filter_list(next(callers), LIST, answer.encode()).shown
    after_loading = (time.process_time() - started) * 1e6
    assert 0 < len(shown) < tools
    known = next(callers)
    engine.filter_list(known, LIST, answer.encode())
    bare = Way.plain(bare_calls(rules, tools, schema_of(catalogue)))
    ways = {
        BARE: bare,
        "new caller": Way(lambda who: engine.filter_list(who, LIST, answer.encode()), lambda: next(callers)),
        "new caller, new answer": Way(
            lambda who: engine.filter_list(who[0], LIST, who[1]),
            lambda: (next(callers), next(fresh).encode()),
        ),
        "same caller": Way.plain(lambda: engine.filter_list(known, LIST, answer.encode())),
    }
    times = in_turn(ways, pace)
    yield row(tools, policies, BARE, times.median(BARE), None)
    for what in [*ways][1:]:
        yield row(tools, policies, what, times.median(what), times.ratio(what, BARE))
    yield row(
        tools, policies, "the first list after loading", after_loading, after_loading / times.median(BARE)
    )


def row(tools: int, policies: int, what: str, microseconds: float, ratio: float | None) -> Row:
    """One way, beside asking about each tool."""
    return Row(
        part="lists",
        policies=policies,
        what=f"{tools:,} tools, {what}",
        value=microseconds / 1000,
        unit="ms",
        peer=None if ratio is None else BARE,
        ratio=ratio,
    )


def somebody() -> Iterator[Identity]:
    """Machines, each of them new."""
    for n in count():
        groups = frozenset({f"team-{n % 7}"})
        machine = Client(issuer="machines", client_id=f"ci-{n}", groups=groups)
        yield Identity(principal=machine, token=TokenFacts(scopes=("issues:read",)))


def tool(n: int) -> dict[str, Any]:
    """A tool as a server lists it."""
    properties = {
        "repo": {"type": "string", "description": "Owner and name of the repository."},
        f"field{n % 50}": {"type": "string", "description": "What it is to be."},
        "limit": {"type": "integer", "minimum": 0, "default": 20},
        "labels": {"type": "array", "items": {"type": "string"}},
    }
    return {
        "name": f"tool-{n}",
        "description": f"Does thing {n} to a repository, and says what came of it. " * 3,
        "inputSchema": {"type": "object", "properties": properties, "required": ["repo"] if n % 2 else []},
        "annotations": {
            "readOnlyHint": n % 2 == 0,
            "destructiveHint": n % 3 == 0,
            "idempotentHint": n % 5 == 0,
        },
    }


def engine_with(policies: str, catalogue: Json) -> PolicyEngine:
    """An engine with one server that has these tools pinned."""
    servers = {"github": {"resource": RESOURCE, "catalogue": catalogue}}
    return PolicyEngine(policies=policies, servers=servers, issuers=World.new().issuers())


def bare_calls(policies: str, tools: int, schema: Json) -> Callable[[], object]:
    """One question a tool, put to cedarpy itself with everything parsed beforehand."""
    handle = cedarpy.PolicySet.from_str(policies)
    parsed = cedarpy.Schema.from_json_str(json.dumps(schema))
    entities = cedarpy.Entities.from_json_str(json.dumps([*entities_of_everything(tools)]), parsed)
    context = json.dumps(
        {
            "arguments": {"repo": "acme/app-1", "limit": 20, "labels": []},
            "token": {
                "scopes": ["issues:read"],
                "issued_at": moment(NOW - 10),
                "expires_at": moment(NOW + 3600),
            },
            "time": moment(NOW),
            "protocol_version": "2025-11-25",
            "input_responses": [],
            "has_request_state": False,
            "unrepresentable": [],
        }
    )
    requests = [
        {
            "principal": {"type": "Client", "id": "machines/ci-1"},
            "action": {"type": "Action", "id": f"github/tool-{n}"},
            "resource": {"type": "Tool", "id": f"github/tool-{n}"},
            "context": context,
        }
        for n in range(tools)
    ]
    answers = [cedarpy.is_authorized(request, handle, entities, parsed) for request in requests]
    assert {answer.decision for answer in answers} <= {cedarpy.Decision.Allow, cedarpy.Decision.Deny}
    return lambda: [cedarpy.is_authorized(request, handle, entities, parsed).allowed for request in requests]


def entities_of_everything(tools: int) -> Iterator[dict[str, Any]]:
    """The caller, the server, and every tool; the schema brings the actions."""
    caller = {"issuer": "machines", "client_id": "ci-1", "category": "service"}
    yield entity("Client", "machines/ci-1", ("ClientGroup", "machines/team-1"), attrs=caller)
    yield entity("Server", "github", attrs={"resource": RESOURCE})
    for n in range(tools):
        hints = tool(n)["annotations"]
        kinds = {
            "read_only": hints["readOnlyHint"],
            "destructive": hints["destructiveHint"] and not hints["readOnlyHint"],
            "idempotent": hints["idempotentHint"],
            "open_world": True,
        }
        attributes = {"name": f"tool-{n}", "pinned": True, **kinds}
        yield entity("Tool", f"github/tool-{n}", ("Server", "github"), attrs=attributes)


if __name__ == "__main__":
    run(measure)
