"""Whatever goes wrong in a command, its exit status isn't one of its answers."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.cli.console import errors_explained
from policy_engine.jose import SigningKey
from policy_engine.model.strict_json import dumps

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, catalogue: github.json}
issuers:
  corp: {issuer: "https://login.example.com", profile: rfc9068, keys: {file: corp.jwks.json}}
policies: policies/
"""


def run(failing: Callable[[], object]) -> Result:
    """A command that does one thing."""
    command = typer.Typer()

    @command.command()
    def _do() -> None:
        with errors_explained():
            failing()

    return CliRunner().invoke(command)


def abort() -> None:
    """Somebody doesn't answer a question."""
    raise typer.Abort


FAILING: dict[str, tuple[Callable[[], object], int, str]] = {
    "a bug": (
        lambda: dict[str, str]()["s3cret"],
        2,
        r"error: a bug: KeyError in [\w.]+, line \d+ \(please report it\)",
    ),
    "a bug of ours": (
        lambda: dumps({"s3cret": object()}),
        2,
        r"error: a bug: \w+ in policy_engine\.model\.strict_json, line \d+ \(please report it\)",
    ),
    "a file that can't be read": (
        lambda: Path("/dev/null/x").read_text("utf-8"),
        2,
        r"error: /dev/null/x: Not a directory",
    ),
    "too deep": (lambda: json.loads("[" * 1_000_000), 2, r"error: a bug: RecursionError in .*"),
    "an exit": (lambda: exec("raise typer.Exit(3)", {"typer": typer}), 3, ""),  # noqa: S102 -- our own
    "an interruption": (abort, 1, r"Aborted\."),
}


@pytest.mark.parametrize("case", FAILING.values(), ids=FAILING.keys())
def test_what_nobody_expected_is_told_in_one_line(case: tuple[Callable[[], object], int, str]) -> None:
    """Its kind and its place, and nothing of what it was about."""
    failing, status, says = case

    result = run(failing)

    assert (result.exit_code, result.stdout) == (status, "")
    assert re.fullmatch(says, result.stderr.strip())
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize(
    ("command", "status"), [(("diff",), 1), (("generate", "--check"), 1), (("generate",), 0)]
)
@pytest.mark.parametrize("bad", [5, None, [[]], {"x": 1}])
def test_a_hostile_schema_is_only_a_tool_that_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], status: int, bad: Any
) -> None:
    """A type that is none, of a part that refers to itself: policies don't see the argument."""
    monkeypatch.chdir(tmp_path)
    Path("policy-engine.yaml").write_text(CONFIG)
    Path("github.json").write_text("{}")
    Path("policies").mkdir()
    Path("policies/p.cedar").write_text('@id("p") permit (principal is User, action, resource);')
    Path("corp.jwks.json").write_text(json.dumps({"keys": [SigningKey.generate("ES256").public_jwk()]}))
    part = {"type": bad, "anyOf": [{"$ref": "#/properties/a"}]}
    schema = {"type": "object", "properties": {"a": part}}
    Path("lists.json").write_text(json.dumps({"tools": [{"name": "x", "inputSchema": schema}]}))

    result = CliRunner().invoke(app, ["schema", *command, "--from", "lists.json"])

    assert (result.exit_code, result.stderr) == (status, "")
    assert "policies don't see `a`: its `type` is none that JSON Schema has" in result.stdout
