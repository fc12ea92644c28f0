"""`policy-engine test record`: what it writes, and that what it writes passes."""

import json
from pathlib import Path

import pytest

from policy_engine.harness.world import World
from policy_engine.model import Client, TokenFacts, User
from tests.cli.testing.conftest import TestRun

BOT, ALICE = Client(issuer="machines", client_id="ci-bot"), User(issuer="corp", subject="alice")

RECORDED = """\
# Of audit.log: 3 questions that were asked 4 times.
# Values of arguments, scopes and people's groups aren't recorded: where there are some, they are
# placeholders. What doesn't depend on them is tested; what does is in `not exact`, and skipped.
# Whether a call brought answers to a server's questions isn't recorded either: these bring none.
version: 1
now: "2026-09-21T14:13:20Z"
principals:
  "machine ci-bot": {"client": "ci-bot", "issuer": "machines"}
  "person alice": {"user": "alice", "issuer": "corp"}
calls:
  "deploy with env": {"tool": "deploy", "arguments": {"env": "redacted"}}
  "deploy with env, line 1": {"tool": "deploy", "arguments": {"env": "redacted"}}
  "deploy with env, line 2": {"tool": "deploy", "arguments": {"env": "redacted"}}
groups:
  recorded 1:
    matrix:
      "person alice":
        "no_permit": ["deploy with env"]
  not exact:
    tests:
      - {who: "machine ci-bot", asks: "deploy with env, line 1", expect: "allow by bot-deploys", skip: "that depends on what isn't recorded: arguments.env"}
      - {who: "machine ci-bot", asks: "deploy with env, line 2", expect: "no_permit", skip: "that depends on what isn't recorded: arguments.env"}
"""  # noqa: E501 -- as it is written


@pytest.fixture
def log(project: Path) -> Path:
    """What was decided of four calls, and a line that is no record."""
    world = World.load(project / "policy-engine.yaml", now=1_790_000_000.0)
    lines = []
    for who, env in ((BOT, "staging"), (BOT, "prod"), (ALICE, "prod"), (ALICE, "staging"), (BOT, 7)):
        params = {"name": "deploy", "arguments": {"env": env}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        decision = world.engine.authorize(who, message, "delivery", TokenFacts())
        lines.append(json.dumps(decision.to_dict()))
    file = project / "audit.log"
    file.write_text("\n".join([*lines, "{"]) + "\n")
    return file


@pytest.mark.usefixtures("log")
def test_what_depends_on_redacted_values_is_written_down_and_skipped(run: TestRun, project: Path) -> None:
    """And the rest is tested, and passes."""
    result = run("record", "audit.log", "--output", "policies/recorded.scenario.yaml")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "5 records, 3 questions: 1 tested, 2 written down and skipped, 0 left out\n"
        "never got to the policies, so left out: 1 invalid_arguments\n"
        "line 6: no audit record\n"
    )
    assert (project / "policies" / "recorded.scenario.yaml").read_text() == RECORDED
    tested = run("policies/recorded.scenario.yaml")
    assert tested.stdout.splitlines()[-1] == "3 cases: 1 passed, 0 failed, 2 skipped in 0.0 s"
    assert run("record", "audit.log").stdout == RECORDED


@pytest.mark.usefixtures("log")
def test_arguments_can_be_given(run: TestRun, project: Path) -> None:
    """What is decided otherwise with them than it was recorded stays skipped, with the reason."""
    result = run("record", "audit.log", "--argument", "env=staging", "-o", "policies/recorded.scenario.yaml")

    assert result.stderr.splitlines()[0] == (
        "5 records, 3 questions: 2 tested, 1 written down and skipped, 0 left out"
    )
    text = (project / "policies" / "recorded.scenario.yaml").read_text()
    assert '      "machine ci-bot":\n        "allow by bot-deploys": ["deploy with env"]\n' in text
    assert 'asks: "deploy with env, line 2", expect: "no_permit", skip: "it is allowed now"}' in text
    assert run("policies/recorded.scenario.yaml").exit_code == 0


@pytest.mark.usefixtures("log")
def test_principals_can_be_entities(run: TestRun) -> None:
    """Where their issuers' tokens are of no interest."""
    text = run("record", "audit.log", "--principals", "entity").stdout

    assert '  "machine ci-bot": {"entity": "Client::\\"machines/ci-bot\\""}\n' in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["audit.log", "-o", "catalogue.json"], "catalogue.json: the file is there already"),
        (["audit.log", "--argument", "env"], "--argument: `env` isn't NAME=VALUE (as in: repo=acme/app)"),
        (["catalogue.json"], "catalogue.json: it holds no audit record"),
    ],
)
@pytest.mark.usefixtures("log")
def test_what_cannot_be_used_ends_with_2(run: TestRun, arguments: list[str], says: str) -> None:
    """And nothing is written over."""
    result = run("record", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {says}")
