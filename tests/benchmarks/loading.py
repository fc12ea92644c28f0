"""What loading costs: policies of every kind, against catalogues of many tools.

The peer is `cedarpy.validate_policies` of the same policies against the whole schema: it only says whether a
policy is valid, and names neither place nor tools. Where that would take minutes, it is measured on a part of
the policies and multiplied.

Seconds are of the processor, so that what else runs on the machine doesn't count. Each size is measured in a
process of its own, so that its memory is its own. Many simple policies are part of `decisions.py`.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from policy_engine import PolicyEngine
from policy_engine.cedar import Schema, parse_policies, validate
from policy_engine.config import config_from_values, examine, protected_servers
from policy_engine.jose import SigningKey
from policy_engine.mcp import full_schema
from tests.benchmarks.running import in_child, run
from tests.benchmarks.table import Row

Made = TypeVar("Made")
Json = dict[str, Any]

SIZES = ((200, 1_000), (2_000, 1_000), (100, 3_000))
"""Tools and policies."""

PLAIN_AT_MOST = 100_000
"""Tools times policies up to which the peer is measured on all policies."""

TOOLS_A_SERVER = 40

STRING: Json = {"type": "string"}
NAMES: dict[str, tuple[Json, tuple[str, ...]]] = {
    "texts": (STRING, ("repo", "branch", "title", "path", "query", "owner", "customer", "state")),
    "more texts": (STRING, tuple(f"option_{number}" for number in range(60))),
    "numbers": ({"type": "integer"}, ("count", "page", "amount", "timeout", "depth")),
    "flags": ({"type": "boolean"}, ("force", "dry_run", "recursive", "draft")),
    "fractions": ({"type": "number"}, ("price", "ratio")),
    "lists": ({"type": "array", "items": STRING}, ("labels", "tags", "reviewers")),
}
TYPES: Json = {
    **{name: type_ for type_, names in NAMES.values() for name in names},
    "filter": {
        "type": "object",
        "properties": {"owner": STRING, "since": STRING, "limit": {"type": "integer"}},
        "required": ["owner"],
    },
}
"""Arguments by name: a name has one type, whichever tool takes it."""

QUESTIONS = {
    "string": '{} == "acme/app"',
    "integer": "{} < 100",
    "boolean": "!{}",
    "number": '{}.lessThan(decimal("9.5"))',
    "array": '{}.contains("safe")',
    "object": '{}.owner == "acme"',
}
"""What a condition asks of an argument of each type."""

KINDS = ("read_only", "destructive", "idempotent", "open_world")
KEY = SigningKey.generate("ES256").public_jwk()
METHODS = ("list_tools", "read_resource", "get_prompt", "ping", "list_prompts")


def measure(*size: int) -> list[Row]:
    """One size in this process, or each in one of its own."""
    if size:
        return [*of_size(*size)]
    return [row for each in SIZES for row in in_child(__file__, *each)]


def of_size(tools: int, policies: int) -> Iterator[Row]:
    """Load, and look for warnings."""
    text = "\n".join(policies_for(tools, policies))
    loading, _ = timed(lambda: engine_with(text, tools))
    loaded = config_from_values(values(tools), policy_text=text)
    examining, report = timed(lambda: examine(loaded))
    assert report.errors == ()
    assert report.policies is not None
    assert len(report.policies.policies) == policies
    schema = Schema.from_json(full_schema(protected_servers(loaded)))
    some = parse_policies(text)[:: -(-tools * policies // PLAIN_AT_MOST)]
    spent, _ = timed(lambda: validate(some, schema))
    part = "" if len(some) == policies else ", of a part"
    for what, seconds in (("load", loading), ("load, and look for warnings", examining)):
        yield Row(
            part="loading",
            policies=policies,
            what=f"{what}, policies of every kind on {tools:,} tools",
            value=seconds / policies * 1000,
            unit="ms a policy",
            peer=f"cedarpy.validate_policies{part}",
            ratio=seconds / (spent * policies / len(some)),
        )


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Seconds of processor time, and what came of them."""
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def engine_with(policies: str, tools: int) -> PolicyEngine:
    """An engine from values; the part of loading that doesn't look for warnings."""
    rest = {name: value for name, value in values(tools).items() if name in {"servers", "issuers"}}
    return PolicyEngine(policies=policies, **rest)


def values(tools: int) -> Json:
    """A configuration with as many tools."""
    machines: Json = {
        "issuer": "https://as.example.com",
        "profile": "policy-engine",
        "keys": {"jwks": {"keys": [KEY]}},
        "clients": {"bot": {"grants": ["client_credentials"]}},
    }
    servers: Json = {}
    for number, item in enumerate(items(tools)):
        name = server_of(number)
        uri = f"https://mcp.example.com/{name}"
        row = {"resource": uri, "catalogue": {"tools": []}, "unpinned": "deny"}
        servers.setdefault(name, row)["catalogue"]["tools"].append({"reviewed": True, "item": item})
    return {"version": 1, "servers": servers, "issuers": {"corp": machines}, "policies": []}


def server_of(number: int) -> str:
    """The server that a tool is of."""
    return f"server{number // TOOLS_A_SERVER}"


def items(tools: int) -> Iterator[Json]:
    """As many tools, with two to ten arguments each; hardly two take the same."""
    for number in range(tools):
        chance = random.Random(number)
        names = chance.sample(sorted(TYPES), chance.randint(2, 10))
        yield {
            "name": f"tool_{number}",
            "annotations": {
                "readOnlyHint": number % 2 == 0,
                "destructiveHint": number % 3 == 0,
                "idempotentHint": number % 5 == 0,
                "openWorldHint": number % 7 == 0,
            },
            "inputSchema": {
                "type": "object",
                "properties": {name: TYPES[name] for name in names},
                "required": chance.sample(names, len(names) // 2),
            },
        }


def policies_for(tools: int, policies: int) -> Iterator[str]:
    """As many policies: on single tools, on servers, on kinds, on every call, and on methods."""
    catalogue = list(items(tools))
    for number in range(policies):
        chance = random.Random(-number - 1)
        kind = chance.choices(("tool", "server", "kind", "call", "method"), (40, 25, 15, 10, 10))[0]
        chosen = chance.randrange(tools)
        if kind == "tool":
            yield on_tool(number, chosen, catalogue[chosen]["inputSchema"], chance)
        elif kind == "method":
            yield on_method(number, chance)
        else:
            server = server_of(chosen)
            group = {"server": f"{server}/*", "kind": chance.choice(KINDS), "call": "call_tool"}[kind]
            resource = f'resource in Server::"{server}"' if number % 2 else "resource"
            yield on_group(number, group, resource if kind == "server" else "resource", chance)


def on_tool(number: int, tool: int, schema: Json, chance: random.Random) -> str:
    """Two of its arguments, guarded where they may be missing."""
    names = chance.sample(sorted(schema["properties"]), 2)
    asked = " && ".join(guarded(name) if name not in schema["required"] else question(name) for name in names)
    action = f'Action::"{server_of(tool)}/tool_{tool}"'
    return f"{beginning(number)}, action == {action}, resource)\nwhen {{ {asked} }};\n"


def on_group(number: int, group: str, resource: str, chance: random.Random) -> str:
    """Some arguments that tools of a group may have."""
    asked = " || ".join(f"({guarded(name)})" for name in chance.sample(sorted(TYPES), chance.randint(1, 3)))
    return f'{beginning(number)}, action in Action::"{group}", {resource})\nwhen {{ {asked} }};\n'


def on_method(number: int, chance: random.Random) -> str:
    """A scope of the token."""
    asked = f'context.token.scopes.contains("scope:{number}")'
    action = f'Action::"{chance.choice(METHODS)}"'
    return f"{beginning(number)}, action == {action}, resource)\nwhen {{ {asked} }};\n"


def beginning(number: int) -> str:
    """An id, and whom it is about."""
    effect = "forbid" if number % 4 == 0 else "permit"
    who = 'principal in Group::"corp/team"' if number % 3 else 'principal == Client::"corp/bot"'
    return f'@id("policy-{number}")\n{effect} ({who}'


def guarded(name: str) -> str:
    """A question about an argument that may be missing."""
    return f"context.arguments has {name} && {question(name)}"


def question(name: str) -> str:
    """A question about an argument that is there."""
    return QUESTIONS[TYPES[name]["type"]].format(f"context.arguments.{name}")


if __name__ == "__main__":
    run(measure)
