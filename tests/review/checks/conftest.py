"""A deployment with two servers, people, machines, and an authorization server; and what is found in it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.config import load_config
from policy_engine.review.checks import CheckFinding, find_findings
from policy_engine.review.subject import Subject

Reviewed = Callable[..., tuple[CheckFinding, ...]]

NOW = 1790000100.0

CONFIG = """\
version: 1
servers:
  github:
    resource: https://mcp.example.com/github
    catalogue: github.json
  gitlab:
    resource: https://mcp.example.com/gitlab
    catalogue: gitlab.json
attributes:
  User: {cost_center: string, floor: long}
  Client: {team: string, tier: string}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    claims:
      user:
        groups: groups
        email: email
        tags: {department: department}
        attributes: {cost_center: cost_center}
    clients:
      desktop-agent: {grants: [authorization_code], acts_for_users: true}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients:
      ci-bot:
        grants: [client_credentials]
        groups: [ci]
        attributes: {team: platform, region: eu}
authserver:
  issuer: https://as.example.com
  store: as.db
  key_encryption: {env: KEY}
  scopes:
    github: ["issues:read", "issues:write", "admin"]
policies: policies.cedar
entities: entities.yaml
"""

READS = {"readOnlyHint": True}
WRITES = {"destructiveHint": False}


def catalogue(**tools: dict[str, bool]) -> str:
    """A catalogue of reviewed tools that take a `repo`, and what each says of itself."""
    schema = {"type": "object", "properties": {"repo": {"type": "string"}}, "required": ["repo"]}
    items = [
        {"reviewed": True, "item": {"name": name, "inputSchema": schema, "annotations": hints}}
        for name, hints in tools.items()
    ]
    return json.dumps({"tools": items})


CATALOGUES = {
    "github.json": catalogue(list_issues=READS, create_issue=WRITES, delete_repository={}),
    "gitlab.json": catalogue(list_projects=READS, create_issue=WRITES),
}

ENTITIES = """\
- uid: {type: Tool, id: github/list_issues}
  parents: [{type: ToolGroup, id: reports}]
"""

EVERYTHING_ASKED = """
@id("ci") permit (principal in ClientGroup::"machines/ci", action == Action::"github/list_issues", resource)
when { context.token.scopes.containsAny(["issues:read", "issues:write", "admin"]) };
"""
"""What machines, groups and scopes of the configuration are there for."""


@pytest.fixture
def reviewed(tmp_path: Path) -> Reviewed:
    """What is found in policies, and in a configuration with parts replaced."""

    def found(
        policies: str,
        *changes: tuple[str, str],
        only: str = "",
        entities: str = ENTITIES,
        now: float = NOW,
    ) -> tuple[CheckFinding, ...]:
        config = CONFIG
        for before, after in changes:
            assert before in config
            config = config.replace(before, after)
        (tmp_path / "policies.cedar").write_bytes(policies.encode())
        for name, text in {**CATALOGUES, "entities.yaml": entities}.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "policy-engine.yaml").write_text(config)
        subject = Subject.of(load_config(tmp_path / "policy-engine.yaml"))
        return tuple(one for one in find_findings(subject, now=now) if only in one.code)

    return found


def told(finding: CheckFinding) -> str:
    """Place, code and sentences, without the folder."""
    where = f"{Path(finding.file or '').name}:{finding.line}:{finding.column}"
    policy = "" if finding.policy is None else f" `{finding.policy}`"
    return f"{where} {finding.code}{policy} {finding.message} ({finding.remedy})"
