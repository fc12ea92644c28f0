"""`policy-engine schema generate` and `diff` with servers that really run."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.jose import SigningKey

Run = Callable[..., Result]

CONFIG = """\
version: 1
development: true
servers:
  it: {{resource: "{resource}"}}
issuers:
  corp: {{issuer: "https://login.example.com", profile: rfc9068, development_key: corp.json}}
policies: p.cedar
"""
POLICY = '@id("people") permit (principal is User, action in Action::"it/*", resource);\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a subcommand of `policy-engine schema` for a server whose canonical URI is given."""
    monkeypatch.chdir(tmp_path)
    Path("p.cedar").write_text(POLICY)
    Path("corp.json").write_text(json.dumps(SigningKey.generate("ES256").to_jwk()))

    def command(*arguments: str, resource: str = "https://mcp.example.com/it") -> Result:
        if not Path("policy-engine.yaml").exists():
            Path("policy-engine.yaml").write_text(CONFIG.format(resource=resource))
        return CliRunner().invoke(app, ["schema", *arguments])

    return command


def pinned() -> dict[str, list[str]]:
    """The names in the catalogue."""
    catalogue = json.loads(Path("catalogues/it.json").read_text())
    return {member: [entry["item"]["name"] for entry in entries] for member, entries in catalogue.items()}


def test_a_command_stands_behind_dashes_or_in_quotes(run: Run, time_server: list[str]) -> None:
    """Options of the command are the command's."""
    made = run("generate", "it", "--", *time_server)
    same = run("diff", "--from", shlex.join(time_server))

    assert (made.exit_code, made.stderr, same.exit_code) == (0, "", 0)
    assert pinned() == {"tools": ["get_current_time", "convert_time"]}
    assert same.stdout == "it: 2 unchanged\n"


def test_without_a_source_the_server_itself_is_asked(run: Run, sdk_server: str) -> None:
    """At its canonical URI: tools, prompts, resources and templates."""
    first = run("diff", resource=sdk_server)
    made = run("generate", "--accept", "--yes")
    second = run("diff")

    assert (first.exit_code, made.exit_code, second.exit_code) == (1, 0, 0)
    assert "          permitted to people by `people`" in first.stdout.splitlines()
    assert pinned() == {
        "tools": ["greet"],
        "prompts": ["greeting"],
        "resources": ["greetings"],
        "resourceTemplates": ["greetings_of"],
    }
