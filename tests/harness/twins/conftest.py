"""A shop with four tools, whose policies and scenario tests write."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.harness.scenarios import load_scenarios
from policy_engine.harness.twins import TwinReport, check_twins
from policy_engine.harness.world import World

CONFIG = """\
version: 1
servers:
  shop: {resource: https://mcp.example.com/shop, catalogue: shop.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    claims: {user: {groups: groups}}
    clients: {helper: {grants: [authorization_code], acts_for_users: true}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients: {bot: {grants: [client_credentials], groups: [stock]}}
policies: policies
"""
SCHEMA = {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]}
NAMES = {"look": {"readOnlyHint": True}, "order": {"destructiveHint": False}}

PEOPLE = """\
principals:
  bot: {client: bot}
  late bot: {client: bot, tamper: expired}
  ann: {user: ann}
  sue of stock: {user: sue, claims: {groups: [stock]}}
  ann through helper: {user: ann, through: helper}
calls:
  look: {tool: look, arguments: {item: mouse}}
  order: {tool: order, arguments: {item: mouse}}
"""

Twins = Callable[[str, str], TwinReport]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project without policies."""
    tools = [
        {"reviewed": True, "item": {"name": name, "annotations": hints, "inputSchema": SCHEMA}}
        for name, hints in NAMES.items()
    ]
    (tmp_path / "policies").mkdir()
    (tmp_path / "shop.json").write_text(json.dumps({"tools": tools}))
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def twins(shop: Path) -> Twins:
    """Look at the twins of tests, with policies."""

    def checked(policies: str, tests: str) -> TwinReport:
        (shop / "policies" / "shop.cedar").write_text(policies)
        file = shop / "policies" / "shop.scenario.yaml"
        file.write_text(f"version: 1\n{PEOPLE}tests:\n{tests}")
        world = World.load(shop / "policy-engine.yaml")
        return check_twins(world, load_scenarios([file], world))

    return checked
