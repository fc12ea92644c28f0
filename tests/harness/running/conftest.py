"""What tests of the runner share: a project's world, and cases of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.config import config_from_values
from policy_engine.harness import Asked, Case, Expectation, Origin, Who
from policy_engine.harness.world import World

NOW = 1_790_000_000.0
POLICIES = """
@id("ci-deploys")
permit (principal == Client::"machines/ci-bot", action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" && context.token.scopes.contains("deploy") };
@id("people-deploy") permit (principal is User, action == Action::"delivery/deploy", resource);
@id("not-at-night") forbid (principal is Client, action == Action::"delivery/deploy", resource)
when { context.time < datetime("2026-09-21") };
@id("lists") @kinds("both") permit (principal, action == Action::"list_tools", resource);
"""
DEPLOY = {
    "name": "deploy",
    "inputSchema": {"type": "object", "properties": {"env": {"type": "string"}}, "required": ["env"]},
}

MakeCase = Callable[..., Case]


@pytest.fixture(scope="session")
def world() -> World:
    """A server with one tool, a machine, and people."""
    issuers = {
        "corp": {"issuer": "https://login.example.com", "profile": "rfc9068"},
        "machines": {
            "issuer": "https://as.example.com",
            "profile": "policy-engine",
            "clients": {"ci-bot": {"grants": ["client_credentials"]}},
        },
    }
    catalogue = {"tools": [{"reviewed": True, "item": DEPLOY}]}
    servers = {"delivery": {"resource": "https://mcp.example.com/delivery", "catalogue": catalogue}}
    values = {"version": 1, "servers": servers, "issuers": issuers, "policies": []}
    return World.of(config_from_values(values, policy_text=POLICIES), now=NOW)


@pytest.fixture
def case(world: World) -> MakeCase:
    """Make a case: the machine deploys to staging, unless something else is said."""

    def make(
        who: Who | None = None,
        *,
        message: Any = None,
        listed: Any = None,
        now: float = NOW,
        skip: str | None = None,
        **expected: Any,
    ) -> Case:
        world.clock.set(now)
        own = Who(
            name="ci-bot",
            token=world.mint(id="ci-bot", scope="deploy"),
            kind="client",
            issuer="machines",
            profile="policy-engine",
        )
        params = {"name": "deploy", "arguments": {"env": "staging"}}
        asked = Asked(
            name="deploy",
            message=message or {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
            server="delivery",
            listed=listed,
        )
        origin = Origin(Path("delivery.scenario.yaml"), 7, 3)
        return Case(
            id=f"delivery.scenario.yaml::machines::{(who or own).name}::deploy",
            group=("machines",),
            who=who or own,
            asked=asked,
            expect=Expectation(origin=origin, **expected),
            now=now,
            skip=skip,
        )

    return make
