"""Two servers, two issuers, and policies of each test's own."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.config import config_from_values
from policy_engine.review.subject import Subject

_TEXT = {"type": "string"}


def _tool(name: str, **hints: bool) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"env": _TEXT, "note": _TEXT}, "required": ["env"]}
    return {"reviewed": True, "item": {"name": name, "annotations": hints, "inputSchema": schema}}


def _values() -> dict[str, Any]:
    shop = {
        "tools": [_tool("look", readOnlyHint=True), _tool("wipe", destructiveHint=True)],
        "prompts": [{"reviewed": True, "item": {"name": "greet"}}],
        "resources": [{"reviewed": True, "item": {"name": "menu", "uri": "shop://menu"}}],
    }
    servers = {
        "shop": {"resource": "https://mcp.example.com/shop", "catalogue": shop},
        "lab": {"resource": "https://mcp.example.com/lab", "unpinned": "allow"},
    }
    corp = {
        "issuer": "https://login.example.com",
        "profile": "rfc9068",
        "claims": {"user": {"groups": "groups"}},
        "clients": {"helper": {"grants": ["authorization_code"], "acts_for_users": True}},
    }
    machines = {
        "issuer": "https://as.example.com",
        "profile": "policy-engine",
        "clients": {
            "bot": {"grants": ["client_credentials"], "groups": ["stock"]},
            "ci": {"grants": ["client_credentials"], "attributes": {"team": "build"}},
        },
    }
    return {
        "version": 1,
        "servers": servers,
        "issuers": {"corp": corp, "machines": machines},
        "policies": [],
    }


@pytest.fixture(scope="session")
def subject_of() -> Callable[..., Subject]:
    """The world with some policies, and some static entities."""

    def made(policies: str, entities: list[dict[str, Any]] | None = None) -> Subject:
        loaded = config_from_values(_values(), policy_text=policies, entity_values=entities)
        return Subject.of_engine(PolicyEngine.from_config(loaded))

    return made


@pytest.fixture
def thousand() -> Subject:
    """A thousand policies for people, groups and machines, and fifty tools of five servers."""
    values = _values()
    catalogue = {"tools": [_tool(f"t{number}", readOnlyHint=number % 3 == 0) for number in range(10)]}
    values["servers"] = {
        f"s{number}": {"resource": f"https://mcp.example.com/s{number}", "catalogue": catalogue}
        for number in range(5)
    }
    return Subject.of(config_from_values(values, policy_text="\n".join(map(_policy, range(1000)))))


def _policy(number: int) -> str:
    effect = "forbid" if number % 9 == 0 else "permit"
    who = (
        f'principal in Group::"corp/team-{number % 420}"',
        'principal == Client::"machines/bot"',
        "principal is User",
        "principal is Client",
    )[number % 4]
    what = (
        f'action == Action::"s{number % 5}/t{number % 10}"',
        f'action in Action::"s{number % 5}/*"',
        'action in Action::"read_only"',
    )[number % 3]
    when = (
        f'when {{ context.arguments.env == "e{number}" }}' if number % 3 == 0 else "",
        f'when {{ context.token.scopes.contains("s{number}") }}',
        'when { principal.issuer == "corp" }',
    )[number % 7 % 3]
    return f'@id("p{number}") {effect} ({who}, {what}, resource) {when};'
