"""A shop that records what it decides, and versions of its policies."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.harness.recording import Log, read_log
from policy_engine.harness.world import World
from policy_engine.model import Client, TokenFacts, User

NOW = 1_790_000_000.0
CONFIG = """\
version: 1
servers:
  shop: {resource: https://mcp.example.com/shop, catalogue: shop.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    claims: {user: {groups: groups}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients: {bot: {grants: [client_credentials], groups: [stock]}}
policies: policies
"""
POLICIES = """\
@id("look") @kinds("both") permit (principal, action == Action::"shop/look", resource);
@id("bot-orders") permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)
when { context.arguments.count <= 10 };
@id("stock-orders") permit (principal in Group::"corp/stock", action == Action::"shop/order", resource);
"""
SCHEMA = {
    "type": "object",
    "properties": {"item": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["item"],
}
COUNTED = {**SCHEMA, "required": ["item", "count"]}
BOT = Client(issuer="machines", client_id="bot", groups=frozenset({"stock"}))
ANN = User(issuer="corp", subject="ann")
SUE = User(issuer="corp", subject="sue", groups=frozenset({"stock"}))

Calls = list[tuple[Client | User, str, dict[str, Any]]]
Record = Callable[[Calls], Log]
WorldWith = Callable[[str], World]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The project."""
    tools = [
        {
            "reviewed": True,
            "item": {"name": "look", "annotations": {"readOnlyHint": True}, "inputSchema": SCHEMA},
        },
        {"reviewed": True, "item": {"name": "order", "annotations": {}, "inputSchema": COUNTED}},
    ]
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "shop.cedar").write_text(POLICIES)
    (tmp_path / "shop.json").write_text(json.dumps({"tools": tools}))
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def world(shop: Path) -> World:
    """The shop as it is."""
    return World.load(shop / "policy-engine.yaml", now=NOW)


@pytest.fixture
def with_policies(world: World) -> WorldWith:
    """The shop with other policies."""
    return world.with_policies


@pytest.fixture
def record(world: World, shop: Path) -> Record:
    """Decide calls, and read what was recorded of them."""

    def recorded(calls: Calls) -> Log:
        lines = []
        for who, tool, arguments in calls:
            params = {"name": tool, "arguments": arguments}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            decision = world.engine.authorize(who, message, "shop", TokenFacts())
            lines.append(json.dumps(decision.to_dict()))
        (shop / "audit.jsonl").write_text("\n".join(lines) + "\n")
        return read_log(shop / "audit.jsonl")

    return recorded
