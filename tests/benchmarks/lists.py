"""What it costs to filter a list of 1,000 tools, against asking plain cedarpy about each in the same run.

The peer ("bare") is what a careful user of cedarpy writes: parsed handles for policies and for all entities,
and one call a tool, with the context as a JSON string. It can't know the arguments of calls that nobody made,
so its answer is a guess; ours holds for all of them.
"""

import json
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median
from typing import Any

import cedarpy

from policy_engine import Client, PolicyEngine, TokenFacts
from policy_engine.jose import SigningKey
from policy_engine.model import Identity

NOW = 1790000100
RESOURCE = "https://mcp.example.com/github"
TOOLS, ROUNDS = 1000, 7
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

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


def main() -> None:
    """Print a table: ways to answer, and each as a fraction of the bare calls."""
    print(f"medians of {ROUNDS} rounds, {TOOLS} tools; ratios within the same round\n")
    print(f"{'policies':>8}  {'way':<44}{'ms':>8}  {'times faster':>12}")
    for policies in (10, 300):
        times = measured(policies)
        for what, own in times.items():
            faster = median(
                bare / mine for bare, mine in zip(times["bare cedarpy, a call a tool"], own, strict=True)
            )
            print(f"{policies:>8}  {what:<44}{median(own):>8.2f}  {faster:>12.1f}")


def measured(policies: int) -> dict[str, list[float]]:
    """Milliseconds of each way, in turn within every round."""
    rules = COMMON + "".join(
        RULE.format(n=n, team=n % 7, tool=n * 3 % TOOLS) for n in range(policies - COMMON.count("@id"))
    )
    engine = engine_with(rules)
    answer = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool(n) for n in range(TOOLS)]}})
    callers, fresh = somebody(), (answer.replace('"tools"', f'"n": {n}, "tools"', 1) for n in count())
    started = time.perf_counter()
    first = engine.filter_list(next(callers), LIST, answer.encode())
    after_load = (time.perf_counter() - started) * 1000
    assert 0 < len(first.shown) < TOOLS
    known = next(callers)
    engine.filter_list(known, LIST, answer.encode())
    ways: dict[str, Callable[[], object]] = {
        "bare cedarpy, a call a tool": bare_calls(rules),
        "new caller, answer seen": lambda: engine.filter_list(next(callers), LIST, answer.encode()),
        "new caller, answer never seen": lambda: engine.filter_list(
            next(callers), LIST, next(fresh).encode()
        ),
        "same caller, answer seen": lambda: engine.filter_list(known, LIST, answer.encode()),
    }
    times: dict[str, list[float]] = {what: [] for what in ways}
    for _ in range(ROUNDS):
        for what, way in ways.items():
            started = time.perf_counter()
            way()
            times[what].append((time.perf_counter() - started) * 1000)
    return {**times, "the very first list after loading": [after_load] * ROUNDS}


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


def engine_with(policies: str) -> PolicyEngine:
    """An engine with one server that has all these tools pinned."""
    catalogue = {"tools": [{"reviewed": True, "item": tool(n)} for n in range(TOOLS)]}
    return PolicyEngine(
        policies=policies,
        servers={"github": {"resource": RESOURCE, "catalogue": catalogue}},
        issuers={
            "machines": {
                "issuer": "https://as.example.com",
                "profile": "policy-engine",
                "keys": {"jwks": {"keys": [SigningKey.generate("ES256").public_jwk()]}},
                "clients": {"ci-0": {"grants": ["client_credentials"]}},
            }
        },
        now=lambda: NOW,
    )


def bare_calls(policies: str) -> Callable[[], object]:
    """One question a tool, put to cedarpy itself with everything parsed beforehand."""
    handle = cedarpy.PolicySet.from_str(policies)
    entities = cedarpy.Entities.from_json_str(json.dumps([*entities_of_everything()]))
    moment = {"__extn": {"fn": "datetime", "arg": "2026-09-21T14:15:00.000Z"}}
    context = json.dumps(
        {
            "arguments": {"repo": "acme/app-1", "limit": 20, "labels": []},
            "token": {"scopes": ["issues:read"], "issued_at": moment, "expires_at": moment},
            "time": moment,
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
        for n in range(TOOLS)
    ]
    return lambda: [cedarpy.is_authorized(request, handle, entities).allowed for request in requests]


def entities_of_everything() -> Iterator[dict[str, Any]]:
    """The caller, the server, and every tool with its action."""
    yield entity("Client", "machines/ci-1", ("ClientGroup", "machines/team-1"))
    yield entity("Server", "github")
    yield entity("Action", "github/*", ("Action", "call_tool"))
    for n in range(TOOLS):
        hints = tool(n)["annotations"]
        kinds = {
            "read_only": hints["readOnlyHint"],
            "destructive": hints["destructiveHint"] and not hints["readOnlyHint"],
            "idempotent": hints["idempotentHint"],
            "open_world": True,
        }
        groups = [("Action", name) for name, holds in kinds.items() if holds]
        yield entity("Action", f"github/tool-{n}", ("Action", "github/*"), *groups)
        attributes = {"name": f"tool-{n}", "pinned": True, **kinds}
        yield entity("Tool", f"github/tool-{n}", ("Server", "github"), attrs=attributes)


def entity(
    kind: str, name: str, *parents: tuple[str, str], attrs: dict[str, Any] | None = None
) -> dict[str, Any]:
    """One entity in Cedar's JSON format."""
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attrs or {},
        "parents": [{"type": parent, "id": parent_id} for parent, parent_id in parents],
    }


if __name__ == "__main__":
    main()
