"""Deployments, callers and calls at random: what the properties of filtered lists are tried on."""

from dataclasses import dataclass
from random import Random
from typing import Any

from policy_engine.model import Client, Identity, Principal, TokenFacts, User

__all__ = ["Item", "Maker", "rpc"]

VERSION = "io.modelcontextprotocol/protocolVersion"
STATELESS = {VERSION: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
NOW = 1790000100

PROPERTIES: dict[str, dict[str, Any]] = {
    "repo": {"type": "string"},
    "state": {"enum": ["open", "closed"]},
    "count": {"type": "integer"},
    "amount": {"type": "number"},
    "dry": {"type": "boolean"},
    "labels": {"type": "array", "items": {"type": "string"}},
    "to": {"type": "object", "properties": {"team": {"type": "string"}}},
    "odd": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
}
VALUES: dict[str, list[Any]] = {
    "repo": ["acme/app", "acme/other", "x", ""],
    "state": ["open", "closed"],
    "count": [0, 1, 7, -3, 2**53, 2**62, -(2**62)],
    "amount": [0, 1.5, -2.25, 100],
    "dry": [True, False],
    "labels": [[], ["bug"], ["bug", "low"], ["x"]],
    "to": [{}, {"team": "a"}, {"team": "b"}],
    "odd": ["a", 1],
}
URIS = ["file:///a/1", "file:///a/2", "file:///b/1", "memo://notes/1"]
TEMPLATES = {"file:///a/{x}": URIS[:2], "memo://notes/{x}": URIS[3:], "{+any}": URIS}
PROMPTS = ["review", "greet"]
SCOPES = ["read", "write", "admin"]

ARGUMENTS = [
    'context.arguments has repo && context.arguments.repo == "acme/app"',
    'context.arguments has repo && context.arguments.repo like "acme/*"',
    "context.arguments has repo",
    'context.arguments has state && context.arguments.state == "open"',
    "context.arguments has count && context.arguments.count > 5",
    "context.arguments has count && context.arguments.count * 4 > 0",
    'context.arguments has amount && context.arguments.amount.lessThan(decimal("1.0"))',
    "context.arguments has dry && context.arguments.dry",
    'context.arguments has labels && context.arguments.labels.contains("bug")',
    "context.arguments has labels && context.arguments.labels.isEmpty()",
    'context.arguments has to && context.arguments.to has team && context.arguments.to.team == "a"',
    "context.unrepresentable.isEmpty()",
    'context.unrepresentable.contains("odd")',
]
ANYWHERE = [
    "principal is User",
    "principal is Client",
    'principal is User && principal in Group::"corp/all"',
    'principal is Client && principal in ClientGroup::"machines/ci"',
    'principal == User::"corp/alice"',
    'principal.hasTag("team") && principal.getTag("team").contains("x")',
    'principal is Client && principal.category == "service"',
    "context has actor",
    'context has actor && context.actor == Client::"corp/assistant"',
    'context has actor && context.actor.category == "ai_agent"',
    'context.token.scopes.contains("read")',
    'context.token.scopes.contains("write")',
    'context.token.scopes.containsAny(["admin", "write"])',
    'context.token has grant && context.token.grant == "client_credentials"',
    'context.token has expires_at && context.token.expires_at > datetime("2030-01-01")',
    'context.time < datetime("2027-01-01")',
    'context.time.toTime() > duration("12h")',
    'context.protocol_version == "2026-07-28"',
    "context.input_responses.isEmpty()",
    'context.input_responses.contains("elicitation")',
    "context.has_request_state",
    "resource is Tool && resource.read_only",
    "resource is Tool && resource.pinned",
    'resource is Tool && resource.name like "get*"',
    'resource is Tool && resource.hasTag("team") && principal.hasTag("team")'
    ' && principal.getTag("team").containsAny(resource.getTag("team"))',
    'resource is Prompt && resource.name == "review"',
    'resource is Resource && resource.uri like "file:///a/*"',
    'resource is Resource && resource.scheme == "file"',
    'resource in ToolGroup::"payments"',
    'resource in Server::"github"',
    'action in Action::"destructive"',
    'action == Action::"get_prompt"',
    'Tool::"github/get_a".read_only',
    'User::"corp/alice" in Group::"corp/all"',
    'Resource::"github/file:///a/1" has uri',
    "9223372036854775807 + 1 == 0",
    "true",
    "false",
]
PRINCIPALS = [
    "principal",
    "principal",
    "principal is User",
    "principal is Client",
    'principal == Client::"machines/ci-bot"',
    'principal is User in Group::"corp/all"',
    'principal in ClientGroup::"machines/ci"',
]
CALLS = [
    'action in Action::"call_tool"',
    'action in Action::"github/*"',
    'action in [Action::"read_only", Action::"idempotent"]',
    'action in Action::"destructive"',
    'action == Action::"github/?"',
]
OTHERS = [
    'action in [Action::"get_prompt", Action::"complete"]',
    'action == Action::"get_prompt"',
    'action in [Action::"read_resource", Action::"subscribe_resource"]',
    'action == Action::"read_resource"',
    'action in [Action::"github/*", Action::"read_resource", Action::"get_prompt"]',
]
RESOURCES = {
    "calls": ["resource", "resource", "resource is Tool", 'resource in ToolGroup::"payments"'],
    "one": ["resource", "resource", 'resource in Server::"github"'],
    "others": [
        "resource",
        "resource",
        'resource in Server::"github"',
        'resource in Server::"gitlab"',
        'resource in ToolGroup::"payments"',
    ],
}
LISTS = """
@id("lists") @kinds("both") @delegable permit (principal, action in [Action::"list_tools",
  Action::"list_prompts", Action::"list_resources", Action::"list_resource_templates"], resource);
"""
WIDE = """@id("wide") @kinds("both") @delegable permit (principal, action in [Action::"call_tool",
  Action::"get_prompt", Action::"read_resource"], resource)"""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a list, and calls that it is good for."""

    kind: str
    name: str


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """A request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


class Maker:
    """Makes them from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        names = ["get_a", "get_b", "set_a", "set_b", "drop", "x-y"]
        self.tools = {name: self._tool(name) for name in names}

    def one_in(self, number: int) -> bool:
        """True once in so many times."""
        return self.chance.randrange(number) == 0

    def _tool(self, name: str) -> dict[str, Any]:
        names = [each for each in PROPERTIES if self.one_in(2)]
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {each: PROPERTIES[each] for each in names},
            "required": [each for each in names if self.one_in(2)],
        }
        if self.one_in(4):
            schema["additionalProperties"] = True
        hints = {hint: self.one_in(2) for hint in ("readOnlyHint", "destructiveHint", "idempotentHint")}
        return {"name": name, "inputSchema": schema, "annotations": hints}

    def servers(self) -> dict[str, Any]:
        """Two servers; the first has tools."""
        catalogue = {"tools": [{"item": tool, "reviewed": True} for tool in self.tools.values()]}
        unpinned = self.chance.choice(["allow", "deny"])
        github = {
            "resource": "https://mcp.example.com/github",
            "catalogue": catalogue,
            "unpinned": unpinned,
            "changed": "warn",  # what is listed here are names, other items than those pinned
        }
        return {
            "github": github,
            "gitlab": {"resource": "https://mcp.example.com/gitlab", "unpinned": "deny"},
        }

    def entities(self) -> list[dict[str, Any]]:
        """Groups of groups, of tools and of resources, and tags."""
        rows: list[tuple[str, str, list[tuple[str, str]]]] = [
            ("Group", "corp/eng", [("Group", "corp/all")]),
            ("Tool", "github/get_a", [("ToolGroup", "payments")]),
            ("Tool", "github/set_b", [("ToolGroup", "payments")]),
            ("Resource", "github/file:///a/1", [("ToolGroup", "payments")]),
            ("Prompt", "github/review", [("ToolGroup", "payments")]),
            ("User", "corp/alice", [("Group", "corp/eng")]),
            ("ToolGroup", "payments", []),
        ]
        return [
            {
                "uid": {"type": type_, "id": id_},
                "parents": [{"type": kind, "id": name} for kind, name in parents],
                **({"tags": {"team": ["x"]}} if type_ == "Tool" else {}),
            }
            for type_, id_, parents in rows
            if type_ == "ToolGroup" or not self.one_in(3)
        ]

    def policies(self) -> str:
        """A few policies; the lists may be asked for."""
        policies = [self._policy(f"p{index}") for index in range(self.chance.randint(2, 7))]
        if not self.one_in(3):
            condition = f" when {{ {self._condition(ANYWHERE, 1)} }}" if self.one_in(2) else ""
            policies.append(f"{WIDE}{condition};")
        return LISTS + "\n".join(policies)

    def _policy(self, name: str) -> str:
        permit = self.one_in(2)
        kind = self.chance.choice(["calls", "one", "one", "others"])
        one = f'action == Action::"github/{self.chance.choice([*self.tools])}"'
        action = {"calls": self.chance.choice(CALLS), "one": one, "others": self.chance.choice(OTHERS)}[kind]
        atoms = ANYWHERE if kind == "others" else [*ANYWHERE, *ARGUMENTS, *ARGUMENTS]
        conditions = "".join(
            f" {self.chance.choice(['when', 'when', 'unless'])} {{ {self._condition(atoms, 2)} }}"
            for _ in range(self.chance.choice([0, 0, 1, 1, 2]))
        )
        notes = f'@id("{name}") @kinds("both")' + (" @delegable" if permit and self.one_in(2) else "")
        head = f"{self.chance.choice(PRINCIPALS)}, {action}, {self.chance.choice(RESOURCES[kind])}"
        return f"{notes} {'permit' if permit else 'forbid'} ({head}){conditions};"

    def _condition(self, atoms: list[str], depth: int) -> str:
        if depth == 0 or self.one_in(2):
            return f"({self.chance.choice(atoms)})"
        inner = [self._condition(atoms, depth - 1) for _ in range(3)]
        shapes = ["{0} && {1}", "{0} || {1}", "!{0}", "if {0} then {1} else {2}"]
        return f"({self.chance.choice(shapes).format(*inner)})"

    def caller(self) -> Identity:
        """Somebody with a token."""
        tags: dict[str, tuple[str, ...]] = {"team": ("x",)} if self.one_in(2) else {}
        token = TokenFacts(
            scopes=tuple(scope for scope in SCOPES if self.one_in(2)),
            grant=self.chance.choice([None, "client_credentials"]),
            expires_at=self.chance.choice([None, NOW + 600.0]),
        )
        return Identity(principal=self._principal(tags), token=token)

    def _principal(self, tags: dict[str, tuple[str, ...]]) -> Principal:
        if self.one_in(2):
            groups = frozenset({"ci"} if self.one_in(2) else ())
            name = self.chance.choice(["ci-bot", "other"])
            return Client(issuer="machines", client_id=name, groups=groups, attributes=tags)
        agent = Client(
            issuer="corp", client_id="assistant", category=self.chance.choice(["ai_agent", "service"])
        )
        return User(
            issuer="corp",
            subject=self.chance.choice(["alice", "bob"]),
            groups=frozenset({"eng"} if self.one_in(2) else ()),
            actor=agent if self.one_in(3) else None,
            attributes=tags,
        )

    def items(self) -> list[Item]:
        """Everything that the server lists."""
        return [
            *(Item(kind="tools", name=name) for name in (*self.tools, "unpinned")),
            *(Item(kind="prompts", name=name) for name in PROMPTS),
            *(Item(kind="resources", name=name) for name in URIS),
            *(Item(kind="resourceTemplates", name=name) for name in TEMPLATES),
        ]

    def call(self, item: Item) -> dict[str, Any]:
        """A call that the item is good for."""
        match item.kind:
            case "tools":
                return self._stated(rpc("tools/call", name=item.name, arguments=self._arguments(item.name)))
            case "prompts" if self.one_in(2):
                return self._stated(rpc("prompts/get", name=item.name))
            case "prompts":
                return self._completing({"type": "ref/prompt", "name": item.name})
            case "resources":
                return self._reading(item.name)
            case _ if self.one_in(3):
                return self._completing({"type": "ref/resource", "uri": item.name})
            case _:
                return self._reading(self.chance.choice(TEMPLATES[item.name]))

    def _reading(self, uri: str) -> dict[str, Any]:
        if self.one_in(3):
            return rpc("resources/subscribe", uri=uri)
        return self._stated(rpc("resources/read", uri=uri))

    def _completing(self, ref: dict[str, Any]) -> dict[str, Any]:
        return self._stated(rpc("completion/complete", ref=ref, argument={"name": "x", "value": ""}))

    def _arguments(self, tool: str) -> dict[str, Any]:
        if tool not in self.tools:
            return {"repo": "acme/app"} if self.one_in(2) else {}
        schema = self.tools[tool]["inputSchema"]
        found = {
            name: self.chance.choice(VALUES[name])
            for name in schema["properties"]
            if name in schema["required"] or self.one_in(2)
        }
        if schema.get("additionalProperties") and self.one_in(2):
            found["more"] = 1
        return found

    def _stated(self, message: dict[str, Any]) -> dict[str, Any]:
        """Of one revision or the other, perhaps a call that goes on."""
        params = message["params"]
        if self.one_in(3):
            params["inputResponses"] = {"a": {"action": "accept"}}
        if self.one_in(3):
            params["requestState"] = "s"
        if self.one_in(2):
            params["_meta"] = STATELESS
        return message
