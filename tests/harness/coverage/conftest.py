"""A server with two tools, a machine, a person, and an agent that acts for her; policies are each test's."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.config import config_from_values
from policy_engine.harness import Asked, Case, Expectation, Who
from policy_engine.harness.coverage import Coverage
from policy_engine.harness.running import run_cases
from policy_engine.harness.world import World
from policy_engine.model import Identity, Principal, TokenFacts

NOW = 1_790_000_000.0

_TEXT = {"type": "string"}


def _tool(name: str) -> dict[str, Any]:
    properties = {"env": _TEXT, "note": _TEXT, "count": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["env"]}
    return {"reviewed": True, "item": {"name": name, "inputSchema": schema}}


Ask = tuple[Principal | str | None, str, dict[str, Any]]
"""Who (or a token, or nobody), which tool or method, and its arguments."""

Cover = Callable[..., Coverage]


@pytest.fixture(scope="session")
def world() -> World:
    """The server, and two issuers."""
    issuers = {
        "corp": {
            "issuer": "https://login.example.com",
            "profile": "rfc9068",
            "clients": {"helper": {"grants": ["authorization_code"], "acts_for_users": True}},
        },
        "machines": {
            "issuer": "https://as.example.com",
            "profile": "policy-engine",
            "clients": {"bot": {"grants": ["client_credentials"]}},
        },
    }
    catalogue = {"tools": [_tool("deploy"), _tool("restart")]}
    servers = {"delivery": {"resource": "https://mcp.example.com/delivery", "catalogue": catalogue}}
    values = {"version": 1, "servers": servers, "issuers": issuers, "policies": []}
    return World.of(config_from_values(values, policy_text="// none\n"), now=NOW)


@pytest.fixture
def cover(world: World) -> Cover:
    """What some calls exercise of some policies."""

    def made(policies: str, *asks: Ask) -> Coverage:
        own = world.with_policies(policies)
        coverage = Coverage(own)
        run_cases(own, [_case(number, *ask) for number, ask in enumerate(asks)], observe=coverage.observe)
        return coverage

    return made


def _case(number: int, who: Principal | str | None, what: str, arguments: dict[str, Any]) -> Case:
    call = {"method": "tools/call", "params": {"name": what, "arguments": arguments}}
    message = {"jsonrpc": "2.0", "id": 1, **({"method": what} if "/" in what else call)}
    asker = Who(name="nobody")
    if isinstance(who, str):
        asker = Who(name="somebody", token=who, issuer="machines", profile="policy-engine")
    elif who is not None:
        asker = Who(name=str(who.uid), identity=Identity(principal=who, token=TokenFacts()))
    return Case(
        id=str(number),
        group=(),
        who=asker,
        asked=Asked(name=what, message=message, server="delivery"),
        expect=Expectation(),
        now=NOW,
    )
