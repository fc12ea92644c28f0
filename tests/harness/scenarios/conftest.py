"""A project with two servers and two issuers, and what its scenario files say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.harness import Case, World
from policy_engine.harness.scenarios import load_scenarios

NOW = 1_790_000_000.0

CONFIG = """\
version: 1
servers:
  github: {resource: "https://mcp.example.com/github", catalogue: catalogue.json}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    claims: {user: {groups: groups}}
    clients:
      desktop-agent: {grants: [authorization_code], acts_for_users: true}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients:
      ci-bot: {grants: [client_credentials]}
attributes: {Client: {level: long, teams: strings}}
policies: policies.cedar
"""

POLICIES = """\
@id("lists") @delegable permit (principal, action == Action::"list_tools", resource);
@id("reads") permit (principal, action in Action::"read_only", resource);
@id("bot-creates") permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:write") };
@id("no-machine-destroys")
forbid (principal is Client, action == Action::"github/delete_repository", resource);
@id("level") forbid (principal is Client, action, resource)
when { principal has level && principal.level > 7 };
@id("later") @mode("shadow") forbid (principal, action, resource);
"""

CATALOGUE = {
    "tools": [
        {
            "reviewed": True,
            "item": {
                "name": "list_issues",
                "annotations": {"readOnlyHint": True},
                "inputSchema": {"type": "object", "properties": {"repo": {"type": "string"}}},
            },
        },
        {
            "reviewed": True,
            "item": {
                "name": "create_issue",
                "inputSchema": {"type": "object", "properties": {"title": {"type": "string"}}},
            },
        },
        {"reviewed": False, "item": {"name": "delete_repository", "inputSchema": {"type": "object"}}},
    ]
}

Load = Callable[..., tuple[Case, ...]]


@pytest.fixture(scope="session")
def load_project() -> Callable[[Path], World]:
    """Write the project into a folder, and load its engine."""

    def write_and_load(folder: Path) -> World:
        (folder / "policy-engine.yaml").write_text(CONFIG, "utf-8")
        (folder / "policies.cedar").write_text(POLICIES, "utf-8")
        (folder / "catalogue.json").write_text(json.dumps(CATALOGUE), "utf-8")
        return World.load(folder / "policy-engine.yaml", now=NOW)

    return write_and_load


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder."""
    return tmp_path


@pytest.fixture
def world(project: Path, load_project: Callable[[Path], World]) -> World:
    """The project's engine."""
    return load_project(project)


@pytest.fixture
def write(project: Path) -> Callable[[str, str], Path]:
    """Write a file of the project, below a line with its version."""

    def write_file(name: str, text: str) -> Path:
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"version: 1\n{text}", "utf-8")
        return path

    return write_file


@pytest.fixture
def load(world: World, write: Callable[[str, str], Path]) -> Load:
    """The cases of one scenario file."""
    return lambda text, name="x.scenario.yaml": load_scenarios([write(name, text)], world)


@pytest.fixture
def mistakes(load: Load, project: Path) -> Callable[[str], list[str]]:
    """Everything that is wrong with one scenario file, each with its place and how to mend it."""

    def told(text: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        errors = [caught.value, *caught.value.others]
        return [f"{e.where}: {e.problem} ({e.remedy})".replace(f"{project}/", "") for e in errors]

    return told
