"""A shop with two tools, whose policies and cases tests write."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.harness import Asked, Case, Expectation, Who
from policy_engine.harness.world import World
from policy_engine.model import Client, Identity, Principal, TokenFacts, User

NOW = 1_790_000_000.0

_CONFIG = """\
version: 1
servers:
  shop: {resource: https://mcp.example.com/shop, catalogue: shop.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    clients:
      helper: {grants: [authorization_code], acts_for_users: true}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients:
      bot: {grants: [client_credentials]}
      other: {grants: [client_credentials]}
policies: policies
"""


def _tool(name: str, properties: dict[str, Any], required: list[str], **annotations: bool) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"reviewed": True, "item": {"name": name, "annotations": annotations, "inputSchema": schema}}


TOOLS = [
    _tool("look", {"item": {"type": "string"}}, ["item"], readOnlyHint=True),
    _tool(
        "order",
        {"item": {"type": "string"}, "count": {"type": "integer"}, "urgent": {"type": "boolean"}},
        ["item", "count"],
        destructiveHint=False,
    ),
]

WorldOf = Callable[[str], World]
CaseOf = Callable[..., Case]

BOT = Client(issuer="machines", client_id="bot")
ANN = User(issuer="corp", subject="ann")
AGENT = User(issuer="corp", subject="ann", actor=Client(issuer="corp", client_id="helper"))


def shop(folder: Path, policies: str) -> World:
    """A shop with these policies, in a folder."""
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "policies" / "shop.cedar").write_text(policies, "utf-8")
    (folder / "shop.json").write_text(json.dumps({"tools": TOOLS}), "utf-8")
    (folder / "policy-engine.yaml").write_text(_CONFIG, "utf-8")
    return World.load(folder / "policy-engine.yaml", now=NOW)


@pytest.fixture
def world_of(tmp_path: Path) -> WorldOf:
    """A shop with the policies that a test writes."""
    return lambda policies: shop(tmp_path, policies)


@pytest.fixture
def case_of() -> CaseOf:
    """Somebody who calls a tool, and what should come of it."""

    def made(
        who: Principal,
        tool: str,
        arguments: dict[str, Any],
        *,
        allowed: bool,
        policies: frozenset[str] | None = None,
        scopes: tuple[str, ...] = (),
    ) -> Case:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        }
        said = json.dumps(
            [str(who.uid), isinstance(who, User) and who.actor is not None, tool, arguments, scopes]
        )
        return Case(
            id=said,
            group=(),
            who=Who(name=str(who.uid), identity=Identity(principal=who, token=TokenFacts(scopes=scopes))),
            asked=Asked(name=tool, message=message, server="shop"),
            expect=Expectation(allowed=allowed, policies=policies),
            now=NOW,
        )

    return made
