"""A project in which nothing is wrong, and what is said of it after one mistake."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.config import examine, load_config
from policy_engine.errors import ConfigError

MARK = "▸"
"""Stands before the part that is wrong; taken out before the file is written."""

Seed = Callable[[str, str], list[str]]
Places = Callable[[str], list[str]]
Write = Callable[..., Path]

CONFIG = """\
version: 1
servers:
  github:
    resource: https://mcp.example.com/github
    catalogue: github.json
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {uri: https://login.example.com/keys}
    clients:
      desktop: {grants: [authorization_code], acts_for_users: true}
    claims: {user: {groups: groups, tags: {department: department}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {uri: https://as.example.com/keys}
    clients:
      ci-bot: {grants: [client_credentials], groups: [ci]}
policies: policies/
entities: entities.yaml
"""
ENTITIES = """\
- uid: {type: Tool, id: github/create_issue}
  parents: [{type: ToolGroup, id: issue-tracking}]
"""
POLICIES = """\
@id("people")
permit (principal is User, action in Action::"github/*", resource);
"""


def tool(name: str, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An item of a `tools/list`."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"name": name, "inputSchema": schema}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TEXTS = {"type": "array", "items": TEXT}
DEEP = {"type": "object", "properties": {"level": NUMBER, "note": TEXT}, "required": ["level"]}
CATALOGUE = {
    "tools": [
        tool("create_issue", ("repo", "title", "labels"), repo=TEXT, title=TEXT, labels=TEXTS, count=NUMBER),
        tool(
            "deploy",
            ("env", "price", "dry"),
            env=TEXT,
            price={"type": "number"},
            dry={"type": "boolean"},
            more=DEEP,
        ),
        tool("search", ("query",), query=TEXT, repo=NUMBER, filter={"anyOf": [TEXT, NUMBER]}),
        {"name": "odd", "inputSchema": {"type": "object", "oneOf": []}},
    ]
}


@pytest.fixture
def config_text() -> str:
    """The configuration in which nothing is wrong."""
    return CONFIG


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the project, with some of its files replaced."""

    def written(**files: str) -> Path:
        texts = {
            "policy-engine.yaml": CONFIG,
            "entities.yaml": ENTITIES,
            "github.json": json.dumps(CATALOGUE),
            "policies/p.cedar": POLICIES,
            **files,
        }
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path / "policy-engine.yaml"

    return written


@pytest.fixture
def seed(write: Write) -> Seed:
    """What is said of a project in which one file is replaced: code, place and sentence of each error."""

    def seeded(file: str, text: str) -> list[str]:
        config = write(**{file: text.replace(MARK, "")})
        try:
            errors = list(examine(load_config(config)).errors)
        except ConfigError as error:
            errors = [error, *error.others]
        return [f"{error.code} {str(error).replace(f'{config.parent}/', '')}" for error in errors]

    return seeded


@pytest.fixture
def places() -> Places:
    """Line and column of each mark in a text, as they are without the marks."""

    def placed(text: str) -> list[str]:
        found = []
        while MARK in text:
            before, _, after = text.partition(MARK)
            found.append(f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}")
            text = before + after
        return found

    return placed
