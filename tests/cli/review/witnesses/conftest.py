"""A project in a folder, whose policies let a machine do what only people may."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policy_engine.cedar import CedarRequest
from policy_engine.config import LoadedConfig, load_config
from policy_engine.harness import World
from policy_engine.jose import SigningKey
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.subject import Subject
from policy_engine.review.witness import Call, Realiser

NOW = 1_790_000_100.0

CONFIG = """\
version: 1
development: {development}
servers:
  github: {{resource: https://mcp.example.com/github, catalogue: catalogue.json}}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    development_key: corp.json
    clients:
      desktop-agent: {{grants: [authorization_code], acts_for_users: true}}
    claims: {{user: {{groups: groups, tags: {{team: team}}}}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    development_key: machines.json
    clients:
      ci-bot: {{grants: [client_credentials], groups: [ci], attributes: {{zone: [eu, us]}}}}
    claims: {{client: {{groups: "https://x.example/groups"}}}}
policies: policies.cedar
"""

LOOSE = """\
@id("session") @kinds("both") permit (principal, action in Action::"session", resource);
@id("all-issues") @delegable
permit (principal, action in Action::"call_tool", resource)
when { context.token.scopes.contains("issues:write") };
"""
CATALOGUE = {
    "tools": [
        {
            "name": "create_issue",
            "inputSchema": {
                "type": "object",
                "properties": {"title": {"type": "string"}, "size": {"type": "number"}},
                "required": ["title"],
            },
        }
    ]
}


@dataclass(kw_only=True)
class Project:
    """The project, and what realises witnesses of it."""

    folder: Path
    loaded: LoadedConfig
    world: World
    now: float

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "policy-engine.yaml"

    def call(
        self,
        principal: str,
        action: str = "github/create_issue",
        *,
        groups: tuple[str, ...] = (),
        allowed: bool = True,
        **context: Any,
    ) -> Call:
        """The call of a witness."""
        type_, _, id_ = principal.partition("::")
        resource = EntityUid("Tool", action) if "/" in action else EntityUid("Server", "github")
        kind = "Group" if type_ == "User" else "ClientGroup"
        parents = [{"type": kind, "id": name} for name in groups]
        who: CedarJson = {"uid": {"type": type_, "id": id_}, "attrs": {}, "parents": parents, "tags": {}}
        asked = CedarRequest(EntityUid(type_, id_), EntityUid("Action", action), resource, context)
        subject = Subject.of_engine(self.world.engine)
        return Realiser(subject, now=self.now).realise(asked, [who], allowed=allowed)


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Write the project down, and load it."""

    def project(policies: str = LOOSE, *, development: bool = True, now: float = NOW) -> Project:
        for name in ("corp", "machines"):
            key = SigningKey.generate("ES256")
            (tmp_path / f"{name}.json").write_text(json.dumps(key.to_jwk()))
            (tmp_path / f"{name}.jwks.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
        text = CONFIG.format(development=str(development).lower())
        if not development:
            for name in ("corp", "machines"):
                text = text.replace(f"development_key: {name}.json", f"keys: {{file: {name}.jwks.json}}")
        (tmp_path / "policy-engine.yaml").write_text(text)
        (tmp_path / "catalogue.json").write_text(json.dumps(CATALOGUE))
        (tmp_path / "policies.cedar").write_text(policies)
        loaded = load_config(tmp_path / "policy-engine.yaml")
        return Project(folder=tmp_path, loaded=loaded, world=World.of(loaded, now=now), now=now)

    return project
