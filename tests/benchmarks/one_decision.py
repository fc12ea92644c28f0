"""What one decision costs, as a multiple of plain cedarpy deciding the same request in the same run.

The peer ("bare") is what a careful user of cedarpy writes: parsed handles for policies and entities, uids as
dicts, the context as a JSON string. It is handed a principal; it verifies no token and reads no message.
"""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import cedarpy

from policy_engine import Client, PolicyEngine, TokenFacts
from policy_engine.jose import SigningKey, sign

NOW = 1790000100
RESOURCE = "https://mcp.example.com/github"
ROUNDS, CALLS = 15, 400

RULE = """
@id("ci-{n}")
permit (principal == Client::"machines/ci-{n}", action == Action::"github/create_issue", resource)
when {{ context.arguments.repo == "acme/app" && context.token.scopes.contains("issues:write") }};"""
COMMON = """
@id("people") permit (principal is User, action in Action::"read_only", resource);
@id("harmless") forbid (principal is Client, action in Action::"destructive", resource);
"""
CATALOGUE = {
    "tools": [
        {
            "reviewed": True,
            "item": {
                "name": "create_issue",
                "annotations": {"destructiveHint": False},
                "inputSchema": {
                    "type": "object",
                    "properties": {"repo": {"type": "string"}, "title": {"type": "string"}},
                    "required": ["repo"],
                },
            },
        }
    ]
}
MESSAGE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "create_issue", "arguments": {"repo": "acme/app", "title": "The build is broken"}},
}


def main() -> None:
    """Print a table of medians and ratios."""
    print(f"medians of {ROUNDS} rounds of {CALLS} calls; ratios to bare cedarpy in the same round\n")
    print(f"{'policies':>8}  {'what':<42}{'µs':>8}  {'ratio':>6}")
    for policies in (3, 300):
        for what, times, bare in measured(policies):
            ratio = median(one / other for one, other in zip(times, bare, strict=True))
            print(f"{policies:>8}  {what:<42}{median(times):>8.1f}  {ratio:>6.2f}")


def measured(count: int) -> list[tuple[str, list[float], list[float]]]:
    """Each way to decide, timed in turn within every round."""
    policies = COMMON + "\n".join(RULE.format(n=n) for n in range(count - 2))
    keys = {algorithm: SigningKey.generate(algorithm) for algorithm in ("ES256", "RS256")}
    engine = engine_with(policies, keys)
    principal = Client(issuer="machines", client_id="ci-0")
    facts = TokenFacts(scopes=("issues:write",), client_id="ci-0", grant="client_credentials")
    seen = token(keys["ES256"], "seen")
    fresh = {
        algorithm: iter([token(key, f"{algorithm}-{n}") for n in range(ROUNDS * CALLS)])
        for algorithm, key in keys.items()
    }
    raw = json.dumps(MESSAGE).encode()
    ways: dict[str, Callable[[], object]] = {
        "bare cedarpy": bare_call(policies),
        "authorize (principal known)": lambda: engine.authorize(principal, MESSAGE, token=facts),
        "evaluate, token seen, dict": lambda: engine.evaluate(seen, MESSAGE),
        "evaluate, token seen, bytes": lambda: engine.evaluate(seen, raw),
        "evaluate, new ES256 token": lambda: engine.evaluate(next(fresh["ES256"]), MESSAGE),
        "evaluate, new RS256 token": lambda: engine.evaluate(next(fresh["RS256"]), MESSAGE),
    }
    assert engine.authorize(principal, MESSAGE, token=facts).allowed
    assert engine.evaluate(seen, MESSAGE).allowed
    times: dict[str, list[float]] = {what: [] for what in ways}
    for _ in range(ROUNDS):
        for what, way in ways.items():
            times[what].append(timed(way))
    return [(what, own, times["bare cedarpy"]) for what, own in times.items()]


def timed(way: Callable[[], object]) -> float:
    """Microseconds a call."""
    started = time.perf_counter()
    for _ in range(CALLS):
        way()
    return (time.perf_counter() - started) / CALLS * 1e6


def engine_with(policies: str, keys: dict[str, SigningKey]) -> PolicyEngine:
    """An engine with one server, one tool and one machine."""
    return PolicyEngine(
        policies=policies,
        servers={"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
        issuers={
            "machines": {
                "issuer": "https://as.example.com",
                "profile": "policy-engine",
                "keys": {"jwks": {"keys": [key.public_jwk() for key in keys.values()]}},
                "clients": {"ci-0": {"grants": ["client_credentials"]}},
            }
        },
        now=lambda: NOW,
    )


def token(key: SigningKey, jti: str) -> str:
    """A machine's token."""
    claims = {
        "iss": "https://as.example.com", "sub": "ci-0", "client_id": "ci-0", "aud": RESOURCE, "jti": jti,
        "iat": NOW - 10, "exp": NOW + 600, "gty": "client_credentials", "sub_profile": "service",
        "scope": "issues:write",
    }  # fmt: skip
    return sign(claims, key, typ="at+jwt")


def bare_call(policies: str) -> Callable[[], object]:
    """The same question, put to cedarpy itself with everything parsed beforehand."""
    action, tool, server = "github/create_issue", "github/create_issue", "github"
    entities = cedarpy.Entities.from_json_str(
        json.dumps(
            [
                entity("Client", "machines/ci-0", attrs={"issuer": "machines", "client_id": "ci-0"}),
                entity("Tool", tool, ("Server", server), attrs={"name": "create_issue"}),
                entity("Server", server, attrs={"resource": RESOURCE}),
                entity("Action", action, ("Action", "github/*"), ("Action", "open_world")),
                entity("Action", "github/*", ("Action", "call_tool")),
            ]
        )
    )
    handle = cedarpy.PolicySet.from_str(policies)
    moment = {"__extn": {"fn": "datetime", "arg": "2026-09-21T14:15:00.000Z"}}
    context = json.dumps(
        {
            "arguments": MESSAGE["params"]["arguments"],  # type: ignore[index] # a dict, as written above
            "token": {
                "scopes": ["issues:write"],
                "client_id": "ci-0",
                "issued_at": moment,
                "expires_at": moment,
            },
            "time": moment,
            "protocol_version": "2025-11-25",
            "input_responses": [],
            "has_request_state": False,
            "unrepresentable": [],
        }
    )
    request = {
        "principal": {"type": "Client", "id": "machines/ci-0"},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Tool", "id": tool},
        "context": context,
    }
    assert cedarpy.is_authorized(request, handle, entities).allowed
    return lambda: cedarpy.is_authorized(request, handle, entities)


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
