"""`policy-engine test --twins`: what it says and ends with, in whole."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.testing.conftest import POLICY, TestRun

BLIND = POLICY.replace('principal == Client::"machines/ci-bot"', "principal")
HAPPY = """\
version: 1
principals:
  ci-bot: {client: ci-bot}
calls:
  to staging: {tool: deploy, arguments: {env: staging}}
tests:
  - {who: ci-bot, asks: to staging, expect: allow}
"""

FOUND = """\
1 case: 1 passed, 0 failed, 0 skipped in 0.0 s
policies/deploy.cedar:1:1: kind-blind `bot-deploys`: the permit lets both in alike: the machine and the person of the same name
  to staging  (policies/deploy.scenario.yaml)
    Client::"machines/ci-bot": allow by bot-deploys
    User::"machines/ci-bot": allow by bot-deploys
  write `principal is User` or `principal is Client`, or say so: `@kinds("both")`
  as a scenario, if the second is to be denied:
    principals:
      "the person ci-bot": {"entity": "User::\\"machines/ci-bot\\"", "facts": {"grant": "client_credentials", "client_id": "ci-bot", "issued_at": 1767225600.0, "expires_at": 1767226200.0}}
    calls:
      "to staging": {"tool": "deploy", "arguments": {"env": "staging"}}
    tests:
      - {who: "the person ci-bot", asks: "to staging", expect: "deny"}

2 twins of 1 case: 1 finding in 0.0 s
"""  # noqa: E501 -- as it is printed


def test_policies_that_keep_the_kinds_apart_pass(run: TestRun) -> None:
    """With 0, and a line on what was looked at."""
    result = run("--twins")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "10 twins of 4 cases: nothing that nobody meant in 0.0 s"


def test_a_permit_for_both_alike_is_told_with_a_scenario(run: TestRun, project: Path) -> None:
    """Policy, place, both principals, the call; and it ends with 1."""
    (project / "policies" / "deploy.cedar").write_text(BLIND)
    (project / "policies" / "deploy.scenario.yaml").write_text(HAPPY)

    result = run("--twins")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == FOUND

    value = json.loads(run("--twins", "--format", "json").stdout)
    (finding,) = value["findings"]
    assert (value["cases"], value["twins"]) == (1, 2)
    assert finding.pop("entry").startswith('principals:\n  "the person ci-bot": ')
    assert finding.pop("file").endswith("policies/deploy.cedar")
    assert finding == {
        "rule": "kind-blind",
        "says": "the permit lets both in alike: the machine and the person of the same name",
        "remedy": 'write `principal is User` or `principal is Client`, or say so: `@kinds("both")`',
        "policy": "bot-deploys",
        "line": 1,
        "column": 1,
        "case": "policies/deploy.scenario.yaml::ci-bot::to staging",
        "call": "to staging",
        "calls": 1,
        "principal": 'Client::"machines/ci-bot"',
        "outcome": "allow by bot-deploys",
        "twin": 'User::"machines/ci-bot"',
        "twin_outcome": "allow by bot-deploys",
    }


@pytest.mark.usefixtures("broken")
def test_where_a_case_fails_that_is_told_first(run: TestRun) -> None:
    """Twins of what isn't as expected say little."""
    result = run("--twins")

    assert result.exit_code == 1
    assert re.search(r"twins of", result.stdout) is None
