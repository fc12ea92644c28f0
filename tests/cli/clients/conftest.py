"""A project with an authorization server, and its command line."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.storage import StoredClient, open_store

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github}
  files: {resource: https://mcp.example.com/files}
issuers:
  machines: {issuer: https://as.example.com, profile: policy-engine}
authserver:
  issuer: https://as.example.com
  store: machines.db
  key_encryption: {env: NOT_NEEDED_HERE}
  scopes:
    github: [issues:read, issues:write]
    files: files:read
policies: policies/
"""


@dataclass(frozen=True)
class Project:
    """A folder with a configuration, and what was done in it."""

    folder: Path

    def run(self, *words: str, stdin: str = "") -> Result:
        """Run `policy-engine clients …`; nothing that isn't meant to ends in a traceback."""
        config = str(self.folder / "policy-engine.yaml")
        result = CliRunner().invoke(app, ["clients", *words, "--config", config], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def done(self, *words: str) -> str:
        """What it prints where all goes well."""
        result = self.run(*words)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout.replace(f"{self.folder}/", "")

    def refused(self, *words: str, status: int = 2) -> str:
        """What it says where nothing is done."""
        before = self.dump()
        result = self.run(*words)
        assert result.exit_code == status
        assert self.dump() == before
        return result.stderr.replace(f"{self.folder}/", "")

    def json(self, *words: str) -> Any:
        """What it prints for programs."""
        return json.loads(self.done(*words, "--format", "json"))

    def write(self, text: str, name: str = "clients.yaml") -> str:
        """Write a file; its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def dump(self) -> list[StoredClient]:
        """Everything that is registered."""
        if not (self.folder / "machines.db").exists():
            return []
        store = open_store(f"sqlite:///{self.folder}/machines.db")
        try:
            return list(store.clients.all())
        finally:
            store.close()

    def documents(self) -> dict[str, Any]:
        """What is registered, by id."""
        return {client.client_id: client.document for client in self.dump()}

    def bytes(self) -> bytes:
        """The store as it is on the disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("machines.db*")))


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[], Project]:
    """Make a project; each has a store of its own."""

    def make() -> Project:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / "policies").mkdir()
        (folder / "policy-engine.yaml").write_text(CONFIG)
        return Project(folder)

    return make


@pytest.fixture
def project(make_project: Callable[[], Project]) -> Project:
    """A project without clients."""
    return make_project()
