"""`policy-engine test`: what it says and ends with, in whole."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app
from tests.cli.testing.conftest import POLICY, SCENARIO, TestRun

FAILED = """\
policies/deploy.scenario.yaml
  ci-bot
    to production  FAILED
      decision: expected deny, got allow
      scenario   policies/deploy.scenario.yaml:9:3
      token      `ci-bot`, a machine's, issuer machines, profile policy-engine
      ALLOW  allowed: a permit applied and no forbid did
        principal  Client::"machines/ci-bot", a machine (service)
        action     Action::"delivery/deploy"
        resource   Tool::"delivery/deploy"

      permit `bot-deploys` allows it  ({folder}/policies/deploy.cedar:1:1)
        2 | permit (principal == Client::"machines/ci-bot", action == Action::"delivery/deploy", resource)
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ principal is Client::"machines/ci-bot"
                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ action is Action::"delivery/deploy"
        3 | when { context.arguments.env like "*" };
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ context.arguments.env is "prod"

skipped: policies/deploy.scenario.yaml::forged::later::alice::to staging: not yet
5 cases: 3 passed, 1 failed, 1 skipped in 0.0 s
"""  # noqa: E501 -- as it is printed


def test_all_that_is_as_expected_is_told_in_a_line(run: TestRun, project: Path) -> None:
    """With what was skipped; nothing is recorded, and nobody is asked for keys."""
    result = run()

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "skipped: policies/deploy.scenario.yaml::forged::later::alice::to staging: not yet\n"
        "5 cases: 4 passed, 0 failed, 1 skipped in 0.0 s\n"
    )
    assert not (project / "audit.jsonl").exists()


def test_a_failure_is_told_with_all_that_led_to_it(run: TestRun, broken: Path) -> None:
    """File, principal, call; what is otherwise; the places, the token's issuer, and the policy's lines."""
    result = run()

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.replace(str(broken.resolve()), "{folder}") == FAILED


@pytest.mark.parametrize("policy", ["machines-list", "machines-not-destructive", "machines-do-not-consent"])
def test_a_new_project_notices_that_machines_are_no_longer_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """It passes as it is written; without one `principal is Client`, the line and the token are named."""
    runner = CliRunner()
    monkeypatch.chdir(tmp_path)
    assert runner.invoke(app, ["init", "."]).exit_code == 0
    as_written = runner.invoke(app, ["test"])
    file = tmp_path / "policies" / "baseline.cedar"
    before, at, rest = file.read_text().partition(f'@id("{policy}")')
    file.write_text(before + at + rest.replace("principal is Client", "principal", 1))
    line = before.count("\n") + 1

    result = runner.invoke(app, ["test"])

    assert as_written.exit_code == 0
    assert re.fullmatch(r"42 cases: 42 passed, 0 failed, 0 skipped in \d+\.\d s\n", as_written.stdout)
    assert result.exit_code == 1
    assert f"`{policy}`" in result.stdout
    assert f"policies/baseline.cedar:{line}:1)" in result.stdout
    assert "token      `alice`, a person's, issuer corp, profile rfc9068" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "stderr"),
    [
        (("nowhere",), "error: nowhere: there is no such file or folder (name a scenario file)\n"),
        (
            ("empty",),
            "error: there is no scenario in `empty` (write one, `NAME.scenario.yaml`, beside the policies:"
            " docs/how-to/test-policies.md)\n",
        ),
        (("-k", "nobody"), "error: no case is meant (see what there is: policy-engine test --list)\n"),
        (
            ("-k", "(a"),
            "error: -k can't be read (write words with `and`, `or`, `not` and parentheses)\n",
        ),
        (
            ("-k", "a b"),
            "error: -k can't be read (write words with `and`, `or`, `not` and parentheses)\n",
        ),
        (
            ("--filter", "who=a"),
            "error: --filter: no key is called `who` (keys are: file, group, principal, call, tool, method,"
            " server, issuer, profile, kind, expect)\n",
        ),
        (("--filter", "tool"), "error: --filter: `tool` isn't KEY=GLOB (as in: principal=ci-*)\n"),
        (("--yes",), "error: --yes goes with --update (give both, or neither)\n"),
    ],
    ids=["no file", "no scenario", "no case", "open", "no operator", "no key", "no glob", "yes alone"],
)
def test_a_command_that_tests_nothing_ends_with_2(
    run: TestRun, project: Path, arguments: tuple[str, ...], stderr: str
) -> None:
    """It is no success."""
    (project / "empty").mkdir()

    result = run(*arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", stderr)


def test_policies_that_do_not_load_end_with_2(run: TestRun, project: Path) -> None:
    """With their place, as do scenarios."""
    (project / "policies" / "deploy.cedar").write_text(POLICY.replace("env ==", "evn =="))
    misspelt = run()
    (project / "policies" / "deploy.cedar").write_text(POLICY)
    (project / "policies" / "deploy.scenario.yaml").write_text(SCENARIO.replace("alice:", "alice: 1\n  x:"))
    wrong = run()

    assert (misspelt.exit_code, misspelt.stdout) == (2, "")
    assert "policies/deploy.cedar:3:" in misspelt.stderr
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "policies/deploy.scenario.yaml:4:" in wrong.stderr


def test_a_scenario_without_a_configuration_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is above it, and none is named."""
    (tmp_path / "x.scenario.yaml").write_text(SCENARIO)
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, ["test"])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: x.scenario.yaml: no `policy-engine.yaml` is above it (name the configuration: `config`)\n"
    )


def test_cases_are_listed_and_chosen(run: TestRun) -> None:
    """By id, and by what they are about; the keys of several filters hold together."""
    start = "policies/deploy.scenario.yaml::"
    every = [
        "ci-bot::to staging",
        "ci-bot::to production",
        "alice::to staging",
        "alice::to production",
        "forged::later::alice::to staging",
    ]

    def listed(*arguments: str) -> list[str]:
        result = run("--list", *arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        return [line.removeprefix(start) for line in result.stdout.splitlines()]

    assert listed() == every
    assert listed("-k", "bot") == every[:2]
    assert listed("-k", "STAGING and not (bot or later)") == [every[2]]
    assert listed("--filter", "principal=ci-*") == every[:2]
    assert listed("--filter", 'principal=Client::"machines/*"') == every[:2]
    assert listed("--filter", "principal=ci-*;expect=deny") == [every[1]]
    assert listed("--filter", "principal=ci-*", "--filter", "expect=allow") == [every[0]]
    assert listed("--filter", "kind=user;call=*production, *nowhere") == [every[3]]
    assert listed("--filter", "group=forged/*") == [every[4]]
    assert listed("--filter", "tool=dep*;method=tools/call;server=delivery") == every
    assert listed("--filter", "issuer=corp;profile=rfc9068;file=deploy.*") == every[2:]


@pytest.mark.usefixtures("broken")
def test_the_first_failure_may_be_the_last(run: TestRun) -> None:
    """What is left is counted."""
    result = run("--fail-fast")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "5 cases: 1 passed, 1 failed, 0 skipped, 3 left after the first failure in 0.0 s"
    )


def test_each_scenario_belongs_to_the_nearest_configuration(run: TestRun, project: Path) -> None:
    """Several projects are tested in one run, and counted together; `--config` overrules."""
    other = project / "other"
    for file in [*project.rglob("*.*")]:
        if file.is_file():
            copy = other / file.relative_to(project)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(file.read_text())

    both, one = run(".", "other/policies/deploy.scenario.yaml"), run("--config", "other/policy-engine.yaml")

    assert both.stdout.splitlines()[-1] == "10 cases: 8 passed, 0 failed, 2 skipped in 0.0 s"
    assert one.stdout.splitlines()[-1] == "5 cases: 4 passed, 0 failed, 1 skipped in 0.0 s"


@pytest.mark.usefixtures("broken")
def test_nothing_of_a_token_is_ever_printed(run: TestRun) -> None:
    """In no format, however much is told of a failure."""
    for form in ("text", "list", "json", "junit", "github"):
        result = run("--format", form)

        assert result.exit_code == 1
        assert re.search(r"eyJ[A-Za-z0-9_-]+", result.output) is None


def test_it_tests_again_when_a_policy_or_a_scenario_changes(project: Path) -> None:
    """Until it is interrupted, which ends it with 0."""
    log = project / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "policy_engine", "test", "--watch"],
            cwd=project,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def told(text: str) -> None:
        deadline = time.monotonic() + 20
        while text not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        log.write_text("")  # what is told after this stands behind zeros

    try:
        told("Ctrl-C ends")
        (project / "policies" / "deploy.cedar").write_text(POLICY.replace('== "staging"', 'like "*"'))
        told("3 passed, 1 failed")
        (project / "policies" / "deploy.scenario.yaml").write_text(
            SCENARIO.replace("[to staging]", "[to staging, to production]")
        )
        told("4 passed, 0 failed")
        (project / "fixtures.yaml").write_text("version: 1\nprincipals: {bob: {user: bob}}\n")
        told("5 cases: 4 passed, 0 failed")
        (project / "policies" / "deploy.scenario.yaml").write_text("version: 2\n")
        told("deploy.scenario.yaml:1:1")
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
