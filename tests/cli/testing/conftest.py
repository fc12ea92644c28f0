"""What tests of `policy-engine test` share: a project with a scenario, and a way to run the command."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app

CONFIG = """\
version: 1
servers:
  delivery: {resource: https://mcp.example.com/delivery, catalogue: catalogue.json}
issuers:
  corp: {issuer: https://login.example.com, profile: rfc9068, keys: {uri: https://login.example.com/keys}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {uri: https://as.example.com/keys}
    clients: {ci-bot: {grants: [client_credentials]}}
policies: policies/
audit: {file: audit.jsonl}
"""
CATALOGUE = (
    '{"tools": [{"reviewed": true, "item": {"name": "deploy", "inputSchema": {"type": "object",'
    ' "properties": {"env": {"type": "string"}}, "required": ["env"]}}}]}'
)
POLICY = """\
@id("bot-deploys")
permit (principal == Client::"machines/ci-bot", action == Action::"delivery/deploy", resource)
when { context.arguments.env == "staging" };
"""
SCENARIO = """\
version: 1
principals:
  ci-bot: {client: ci-bot}  # the machine
  alice: {user: alice}
calls:
  to staging: {tool: deploy, arguments: {env: staging}}
  to production: {tool: deploy, arguments: {env: prod}}
matrix:
  ci-bot: {allow by bot-deploys: [to staging]}  # and nowhere else
groups:
  forged:
    tests:
      - {name: later, who: alice, asks: to staging, expect: no_permit, skip: not yet}
"""

TestRun = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which all is as expected."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "deploy.cedar").write_text(POLICY)
    (tmp_path / "policies" / "deploy.scenario.yaml").write_text(SCENARIO)
    (tmp_path / "catalogue.json").write_text(CATALOGUE)
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def broken(project: Path) -> Path:
    """The same project, whose machine may deploy anywhere."""
    (project / "policies" / "deploy.cedar").write_text(POLICY.replace('== "staging"', 'like "*"'))
    return project


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch) -> TestRun:
    """Run `policy-engine test` in the project; what it took is told as 0.0 s."""
    monkeypatch.chdir(project)

    def command(*arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, ["test", *arguments], input=stdin)
        result.stdout_bytes = re.sub(rb" in \d+\.\d s\n", b" in 0.0 s\n", result.stdout_bytes)
        return result

    return command
