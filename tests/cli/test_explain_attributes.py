"""`policy-engine explain --attribute`: what is declared of somebody without a token."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli.main import app

Run = Callable[..., Result]

CONFIG = """\
version: 1
servers:
  delivery: {resource: https://mcp.example.com/delivery, catalogue: {tools: []}, unpinned: allow}
attributes:
  User: {department: string, clearance: long, contractor: bool, cost_centres: strings}
  Client: {tier: string, quota: long}
issuers:
  corp:
    issuer: https://login.example.com
    profile: rfc9068
    keys: {uri: https://login.example.com/keys}
    clients:
      bot: {grants: [client_credentials], attributes: {tier: gold}}
      agent: {grants: [authorization_code], acts_for_users: true, attributes: {tier: silver}}
policies: p.cedar
"""
POLICIES = """\
@id("facts") permit (principal is User, action == Action::"delivery/?", resource)
when {
  principal has department && principal.department == "a=b" &&
  principal has clearance && principal.clearance == -3 &&
  principal has contractor && !principal.contractor &&
  principal has cost_centres && principal.cost_centres.containsAll(["1", "2"])
};
@id("agent") @delegable permit (principal is User, action == Action::"delivery/?", resource)
when { context has actor && context.actor has tier && context.actor.tier == "silver" };
@id("bot") permit (principal is Client, action == Action::"delivery/?", resource)
when { principal has tier && principal.tier == "gold" && principal has quota && principal.quota == 5 };
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in a folder with a configuration."""
    (tmp_path / "p.cedar").write_text(POLICIES)
    file = tmp_path / "policy-engine.yaml"
    file.write_text(CONFIG)
    call = ("explain", "--config", str(file), "--format", "compact", "--tool", "x")
    return lambda *args: CliRunner().invoke(app, [*call, *args])


def attributes(*written: str) -> list[str]:
    """The options for these attributes."""
    return [part for text in written for part in ("--attribute", text)]


def test_each_type_is_read_from_the_command_line(run: Run) -> None:
    """What is given several times is a set."""
    facts = ("department=a=b", "clearance=-3", "contractor=false", "cost_centres=1", "cost_centres=2")

    assert "by=facts" in run("--user", "corp/alice", *attributes(*facts)).stdout
    assert run("--user", "corp/alice", *attributes(*facts[:-1])).exit_code == 1
    assert "by=bot" in run("--client", "corp/bot", *attributes("quota=5", "tier=platinum")).stdout
    assert "by=agent" in run("--user", "corp/alice", "--through", "agent").stdout


MISTAKES = {
    "department": "--attribute isn't NAME=VALUE (for example: --attribute department=payments)",
    "tier=gold": (
        "`tier` isn't declared as an attribute of `User` (declared under `attributes.User` are: department,"
        " clearance, contractor, cost_centres)"
    ),
    "clearance=high": "--attribute: `clearance` is declared as `long` (give an integer of 64 bits)",
    "clearance=1.0": "--attribute: `clearance` is declared as `long` (give an integer of 64 bits)",
    "clearance=9223372036854775808": (
        "--attribute: `clearance` is declared as `long` (give an integer of 64 bits)"
    ),
    "contractor=yes": "--attribute: `contractor` is declared as `bool` (give true or false)",
    "department=a\nb": (
        "--attribute: `department` is declared as `string`"
        " (give a string of at most 1000 characters, without control characters)"
    ),
}


@pytest.mark.parametrize("written", MISTAKES)
def test_what_no_token_could_say_is_refused(run: Run, written: str) -> None:
    """Usage errors, with what to write."""
    result = run("--user", "corp/alice", *attributes(written))

    assert result.exit_code == 2
    assert " ".join(result.stderr.split()) == f"error: {MISTAKES[written]}"


def test_a_single_value_is_not_given_twice(run: Run) -> None:
    """Only `strings` are several."""
    assert run("--user", "corp/alice", *attributes("department=a", "department=b")).exit_code == 2
