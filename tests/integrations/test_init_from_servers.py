"""`policy-engine init --from` a server that really runs."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.files import read_document


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_server_that_is_started_gives_a_project_that_validates(time_server: list[str]) -> None:
    """Its tools are pinned, none is reviewed, and one warning says so."""
    made = CliRunner().invoke(app, ["init", "p", "--from", shlex.join(time_server)])
    valid = CliRunner().invoke(app, ["validate", "--config", "p/policy-engine.yaml"])

    catalogue = json.loads(Path("p/catalogues/time.json").read_text())
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.startswith("p: 12 files, 2 pinned tools\n")
    assert [(tool["item"]["name"], tool["reviewed"]) for tool in catalogue["tools"]] == [
        ("get_current_time", False),
        ("convert_time", False),
    ]
    assert valid.exit_code == 0
    assert 'context.arguments.timezone == "…"' in Path("p/policies/time.cedar").read_text()


def test_a_server_at_a_url_gives_its_uri_to_the_project(sdk_server: str) -> None:
    """The audience that its tokens need is known."""
    made = CliRunner().invoke(app, ["init", "p", "--from", sdk_server, "--server", "hello"])
    valid = CliRunner().invoke(app, ["validate", "--config", "p/policy-engine.yaml"])

    config = read_document(Path("p/policy-engine.yaml")).data
    assert (made.exit_code, made.stderr, valid.exit_code) == (0, "", 0)
    assert config["servers"]["hello"]["resource"] == sdk_server
    assert 'Action::"hello/greet"' in Path("p/policies/hello.cedar").read_text()


def test_a_server_that_cannot_be_listed_leaves_nothing() -> None:
    """Exit status 2, and a sentence."""
    made = CliRunner().invoke(app, ["init", "p", "--from", "true"])

    assert (made.exit_code, made.stdout) == (2, "")
    assert "the server ended, or hung up" in made.stderr
    assert list(Path.cwd().iterdir()) == []
