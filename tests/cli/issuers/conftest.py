"""A project to add issuers to, and a web site that really answers as one."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.jose import SigningKey

CONFIG = """\
# What protects our servers.
version: 1
development: true # on this machine only
servers:
  github: {resource: https://mcp.example.com/github}   # the one

issuers:
  # people, and their robots
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {file: keys/corp.json}
  # partner: {issuer: https://partner.example.com, profile: okta}

# all of them
policies: policies/
"""
POLICIES = '@id("people") permit (principal is User, action, resource);\n'


@dataclass
class Page:
    """What is answered under one path; `write` may answer in its own way."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    write: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """A web server on this machine, with pages that a test can change."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.hits: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.hits.append(self.path)
                page = site.pages.get(self.path, Page(b"not found", 404))
                if page.write is not None:
                    page.write(self)
                    return
                self.send_response(page.status)
                for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_args: Any) -> None:
                """A client that hangs up is what some tests are about."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def put(self, path: str, body: Any, **rest: Any) -> None:
        """Publish bytes as they are, and anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.pages[path] = Page(data, **rest)

    def publish(self, *keys: SigningKey, path: str = "", **members: Any) -> str:
        """Be an issuer: metadata and keys; gives its exact `iss`."""
        issuer = self.url + path
        metadata = {"issuer": issuer, "jwks_uri": f"{self.url}/keys{path}", **members}
        self.put(f"/.well-known/oauth-authorization-server{path}", metadata)
        self.put(f"/keys{path}", {"keys": [key.public_jwk() for key in keys]})
        return issuer

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    site = Site()
    yield site
    site.close()


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    """Another one."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def key() -> SigningKey:
    """A key that issuers sign with."""
    return SigningKey.generate("ES256", kid="k-1")


class Project:
    """A folder with a configuration, and `policy-engine issuers` run in it."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self.folder = folder
        self.file = folder / "policy-engine.yaml"
        self.write(CONFIG)
        (folder / "policies").mkdir()
        (folder / "policies" / "people.cedar").write_text(POLICIES)
        (folder / "keys").mkdir()
        (folder / "keys" / "corp.json").write_text(json.dumps({"keys": [key.public_jwk()]}))

    def write(self, text: str) -> None:
        """Write the configuration."""
        self.file.write_bytes(text.encode())

    @property
    def text(self) -> str:
        """The configuration as it is."""
        return self.file.read_bytes().decode()

    def names(self) -> list[str]:
        """What the folder holds."""
        return sorted(path.name for path in self.folder.iterdir())

    def run(self, *arguments: str) -> Result:
        """Run a command; no output of it has anything that a terminal would obey."""
        result = CliRunner().invoke(app, ["issuers", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert [char for char in result.output if not char.isprintable() and char != "\n"] == []
        return result

    def refused(self, *arguments: str) -> tuple[int, list[str]]:
        """Run a command that must change nothing; its exit status, and what it says."""
        before, names = self.text if self.file.exists() else None, self.names()
        result = self.run(*arguments)
        assert (self.text if self.file.exists() else None, self.names(), result.stdout) == (before, names, "")
        return result.exit_code, result.stderr.splitlines()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: SigningKey) -> Project:
    """A project with one issuer, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, key)
