"""What every benchmark decides on: one server with twenty tools, its machines, and policies in any number.

Two policies apply to the request that is measured, however many there are: a permit for this machine and this
tool, and a forbid on all machines and all tools of the server. All others are for other machines, groups of
machines, or people. So what grows is the policy folder, and never what a request has to do with.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from policy_engine import Client, PolicyEngine, TokenFacts
from policy_engine.audit import AuditTrail
from policy_engine.jose import SigningKey, sign

Json = dict[str, Any]

AS, LOGIN = "https://as.example.com", "https://login.example.com"
RESOURCE = "https://mcp.example.com/github"
NOW = int(time.time())
LIFETIME = 3600

MACHINES = 100
"""How many machines may come with a token of their own: `ci-0` and so on."""

TOOL = "create_issue"
TOOLS = tuple(
    f"{verb}_{noun}"
    for verb in ("list", "get", "create", "update", "close")
    for noun in ("issue", "branch", "release", "label")
)

COMMON = """
@id("people-read")
permit (principal is User, action in Action::"read_only", resource);
@id("own-projects")
forbid (principal is Client, action in Action::"github/*", resource)
unless { context.arguments has repo && context.arguments.repo like "acme/*" };
"""
OF_ONE_MACHINE = """
@id("ci-{n}")
permit (principal == Client::"machines/ci-{n}", action == Action::"github/{tool}", resource)
when {{ context.token.scopes.contains("issues:write") && context.arguments.repo like "acme/app-*" }};
"""
OF_MACHINES = """
@id("team-{n}")
permit (principal in ClientGroup::"machines/team-{n}", action in Action::"github/*", resource)
when {{ context.arguments has repo && context.arguments.repo == "acme/team-{n}" }};
"""
OF_PEOPLE = """
@id("people-{n}")
permit (principal in Group::"corp/team-{n}", action == Action::"github/{tool}", resource)
when {{ context.arguments has repo && context.arguments.repo == "acme/team-{n}" }};
"""
KINDS = (*[OF_ONE_MACHINE] * 7, OF_MACHINES, OF_MACHINES, OF_PEOPLE)
"""What every ten policies are about."""

SIZES = (3, 300, 3_000, 30_000)
"""Numbers of policies that are measured."""


def policies(number: int, prefix: str = "") -> str:
    """Policies for the request of `message`, and as many others.

    Args:
        number: how many; at least three.
        prefix: what each `@id` begins with, so that it can be told which set decided.
    """
    own = OF_ONE_MACHINE.format(n=0, tool=TOOL)
    others = (KINDS[n % 10].format(n=n, tool=TOOLS[n % len(TOOLS)]) for n in range(1, number - 2))
    return "".join([COMMON, own, *others]).replace('@id("', f'@id("{prefix}')


def tool(name: str) -> Json:
    """A tool as the server lists it."""
    text = {"type": "string"}
    return {
        "name": name,
        "annotations": {"readOnlyHint": name.startswith(("list", "get")), "destructiveHint": False},
        "inputSchema": {
            "type": "object",
            "properties": {
                "repo": text,
                "title": text,
                "body": text,
                "labels": {"type": "array", "items": text},
                "milestone": {"type": "integer"},
            },
            "required": ["repo"],
        },
    }


CATALOGUE: Json = {"tools": [{"reviewed": True, "item": tool(name)} for name in TOOLS]}


def message(n: int = 0, *, repo: str = "acme/app-0", name: str = TOOL) -> Json:
    """A call of a tool: of what changes with `n`, policies read nothing; `repo` is what they do read."""
    return {
        "jsonrpc": "2.0",
        "id": n,
        "method": "tools/call",
        "params": {
            "name": name,
            "arguments": {
                "repo": repo,
                "title": f"The nightly build number {n} is broken",
                "body": "Since last night the tests of the parser fail on every branch. " * 4,
                "labels": ["bug", "ci"],
                "milestone": n,
            },
        },
    }


def unlike(n: int) -> Json:
    """A call that differs in what policies read, so that no earlier answer holds."""
    return message(n, repo=f"acme/app-{n}")


@dataclass(frozen=True, slots=True)
class World:
    """Keys, and what is made with them."""

    keys: Mapping[str, SigningKey]

    @classmethod
    def new(cls, *algorithms: str) -> "World":
        """Keys of these algorithms; of ES256 if none is named."""
        return cls({name: SigningKey.generate(name) for name in algorithms or ("ES256",)})

    def issuers(self) -> Json:
        """One that vouches for machines, and one for people."""
        listed = {f"ci-{n}": {"grants": ["client_credentials"]} for n in range(MACHINES)}
        keys = {"jwks": {"keys": [key.public_jwk() for key in self.keys.values()]}}
        return {
            "machines": {"issuer": AS, "profile": "policy-engine", "keys": keys, "clients": listed},
            "corp": {"issuer": LOGIN, "profile": "rfc9068", "keys": keys},
        }

    def engine(self, text: str, *, audit: AuditTrail | None = None, **more: Any) -> PolicyEngine:
        """An engine with some policies; what it decides is recorded nowhere unless `audit` is given."""
        servers = {"github": {"resource": RESOURCE, "catalogue": CATALOGUE}}
        return PolicyEngine(policies=text, servers=servers, issuers=self.issuers(), audit=audit, **more)

    def token(self, jti: str = "seen", machine: str = "ci-0", algorithm: str = "ES256") -> str:
        """A machine's token."""
        claims = {
            "iss": AS, "sub": machine, "client_id": machine, "aud": RESOURCE, "jti": jti, "iat": NOW - 10,
            "exp": NOW + LIFETIME, "gty": "client_credentials", "sub_profile": "service",
            "scope": "issues:read issues:write",
        }  # fmt: skip
        return sign(claims, self.keys[algorithm], typ="at+jwt")


def machine(n: int = 0) -> Client:
    """A machine as the engine knows it by its token."""
    return Client(issuer="machines", client_id=f"ci-{n}")


FACTS = TokenFacts(
    scopes=("issues:read", "issues:write"),
    client_id="ci-0",
    grant="client_credentials",
    issued_at=NOW - 10,
    expires_at=NOW + LIFETIME,
)
"""What is known of `World.token`."""


def each_once(make: Callable[[int], Any]) -> Callable[[], Any]:
    """Give something new at each call."""
    numbers = count(1)
    return lambda: make(next(numbers))
