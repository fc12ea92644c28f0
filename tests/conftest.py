"""A small world that tests of the whole engine share: two issuers, one server, real keys, a stopped clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.audit import AuditTrail, ListSink
from policy_engine.jose import SigningKey, sign

NOW = 1790000100
RESOURCE = "https://mcp.example.com/github"
LOGIN = "https://login.example.com"
AS = "https://as.example.com"

POLICIES = """
@id("session") @kinds("both") @delegable
permit (principal, action in Action::"session", resource);
@id("people-github")
permit (principal is User, action in Action::"github/*", resource);
@id("people-read-resources")
permit (principal is User, action in [Action::"read_resource", Action::"get_prompt"], resource);
@id("ci-opens-issues")
permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
when { context.arguments.repo == "acme/app" && context.token.scopes.contains("issues:write") };
@id("machines-harmless")
forbid (principal is Client, action in Action::"destructive", resource);
"""


def tool(name: str, properties: Mapping[str, Any], required: list[str], **hints: bool) -> dict[str, Any]:
    """A reviewed entry of a catalogue."""
    schema = {"type": "object", "properties": properties, "required": required}
    item = {"name": name, "inputSchema": schema, **({"annotations": hints} if hints else {})}
    return {"reviewed": True, "item": item}


TEXT = {"type": "string"}
CATALOGUE = {
    "tools": [
        tool(
            "list_issues",
            {"repo": TEXT, "limit": {"type": "integer", "default": 20}},
            ["repo"],
            readOnlyHint=True,
        ),
        tool(
            "create_issue",
            {"repo": TEXT, "title": TEXT, "amount": {"type": "number"}, "count": {"type": "integer"}},
            ["repo"],
            destructiveHint=False,
        ),
        tool("delete_repository", {"repo": TEXT}, ["repo"]),
    ]
}


@dataclass(kw_only=True)
class World:
    """Builds engines and signs tokens for them."""

    keys: dict[str, SigningKey]
    sink: ListSink = field(default_factory=ListSink)
    now: float = NOW

    def issuers(self) -> dict[str, Any]:
        """`corp` speaks for people, `machines` for machines."""
        return {
            "corp": {
                "issuer": LOGIN,
                "profile": "rfc9068",
                "keys": {"jwks": {"keys": [self.keys["corp"].public_jwk()]}},
                "clients": {
                    "desktop-agent": {"grants": ["authorization_code"], "acts_for_users": True},
                    "robot": {"grants": ["client_credentials"]},
                },
            },
            "machines": {
                "issuer": AS,
                "profile": "policy-engine",
                "keys": {"jwks": {"keys": [self.keys["machines"].public_jwk()]}},
                "clients": {"ci-bot": {"grants": ["client_credentials"], "groups": ["ci"]}},
            },
        }

    def engine(self, policies: str = POLICIES, **changes: Any) -> PolicyEngine:
        """An engine with a catalogue; `changes` replaces parts of its configuration."""
        values: dict[str, Any] = {
            "policies": policies,
            "servers": {"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
            "issuers": self.issuers(),
            "audit": AuditTrail(sink=self.sink),
            "now": lambda: self.now,
        }
        return PolicyEngine(**{**values, **changes})

    def human(self, subject: str = "alice", /, **claims: Any) -> str:
        """A person's token from `corp`."""
        return self.token("corp", self.human_claims(subject) | claims)

    def machine(self, client: str = "ci-bot", /, **claims: Any) -> str:
        """A machine's token from `machines`."""
        return self.token("machines", self.machine_claims(client) | claims)

    def human_claims(self, subject: str = "alice") -> dict[str, Any]:
        """What `corp` writes of a person."""
        return {
            **self._common(LOGIN),
            "sub": subject,
            "client_id": "web-portal",
            "auth_time": NOW - 60,
            "scope": "issues:write",
        }

    def machine_claims(self, client: str = "ci-bot") -> dict[str, Any]:
        """What `machines` writes of a machine."""
        return {
            **self._common(AS),
            "sub": client,
            "client_id": client,
            "gty": "client_credentials",
            "sub_profile": "service",
            "scope": "issues:write",
        }

    def token(
        self,
        issuer: str,
        claims: Mapping[str, Any] | bytes,
        *,
        key: SigningKey | None = None,
        typ: str = "at+jwt",
    ) -> str:
        """Sign claims, or bytes as they are, with the issuer's key or another."""
        return sign(claims, key or self.keys[issuer], typ=typ)

    def _common(self, issuer: str) -> dict[str, Any]:
        return {"iss": issuer, "aud": RESOURCE, "iat": NOW - 100, "exp": NOW + 500, "jti": "t-1"}


@pytest.fixture(scope="session")
def signing_keys() -> dict[str, SigningKey]:
    """One key an issuer, made once."""
    return {name: SigningKey.generate("ES256") for name in ("corp", "machines", "stranger")}


@pytest.fixture
def world(signing_keys: dict[str, SigningKey]) -> World:
    """A world of one's own."""
    return World(keys=signing_keys)


@pytest.fixture(scope="session")
def shared_world(signing_keys: dict[str, SigningKey]) -> World:
    """A world for properties, which run many times."""
    return World(keys=signing_keys)


@pytest.fixture
def call() -> Callable[..., dict[str, Any]]:
    """Make a tools/call message: `call("create_issue", repo="acme/app")`."""

    def make(name: str, /, **arguments: Any) -> dict[str, Any]:
        params = {"name": name, "arguments": arguments}
        return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}

    return make
