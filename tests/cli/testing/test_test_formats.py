"""`policy-engine test --format`: the same for programs, for CI servers and for GitHub."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from policy_engine.cli.test.progress import progress_of
from policy_engine.harness import Asked, Case, Expectation, Failure, Result, Who
from tests.cli.testing.conftest import SCENARIO, TestRun


def test_a_list_has_a_line_for_each_case(run: TestRun, broken: Path) -> None:
    """Whatever came of it."""
    assert broken.is_dir()
    assert run("--format", "list").stdout == (
        "passed  policies/deploy.scenario.yaml::ci-bot::to staging\n"
        "failed  policies/deploy.scenario.yaml::ci-bot::to production\n"
        "        decision: expected deny, got allow\n"
        "passed  policies/deploy.scenario.yaml::alice::to staging\n"
        "passed  policies/deploy.scenario.yaml::alice::to production\n"
        "skipped policies/deploy.scenario.yaml::forged::later::alice::to staging  (not yet)\n"
        "5 cases: 3 passed, 1 failed, 1 skipped in 0.0 s\n"
    )


def test_programs_are_told_everything(run: TestRun, broken: Path) -> None:
    """One JSON value; why a failure was decided so, as `explain` says it."""
    result = run("--format", "json", "-k", "bot and production or later")
    record: dict[str, Any] = json.loads(result.stdout)
    failed, skipped = record.pop("results")
    explanation = failed.pop("explanation")

    assert result.exit_code == 1
    assert record.pop("seconds") > 0
    assert failed.pop("seconds") > 0
    assert record == {"cases": 2, "passed": 0, "failed": 1, "skipped": 1}
    assert failed == {
        "id": "policies/deploy.scenario.yaml::ci-bot::to production",
        "file": "policies/deploy.scenario.yaml",
        "line": 9,
        "column": 3,
        "group": [],
        "principal": "ci-bot",
        "call": "to production",
        "token": {
            "issuer": "machines",
            "profile": "policy-engine",
            "kind": "client",
            "delegated": False,
        },
        "outcome": "failed",
        "skip": None,
        "decision": {
            "allowed": True,
            "code": "allowed",
            "detail": None,
            "status": 200,
            "principal": 'Client::"machines/ci-bot"',
            "policies": ["bot-deploys"],
            "errors": [],
            "scopes": [],
        },
        "visible": None,
        "failures": [{"what": "decision", "expected": "deny", "actual": "allow"}],
    }
    assert explanation["reused"] is False
    (policy,) = explanation["questions"][0]["policies"]
    assert (policy["id"], policy["file"], policy["line"]) == (
        "bot-deploys",
        str(broken.resolve() / "policies" / "deploy.cedar"),
        1,
    )
    assert (skipped["outcome"], skipped["skip"], skipped["decision"], skipped["group"]) == (
        "skipped",
        "not yet",
        None,
        ["forged", "later"],
    )


def test_ci_servers_are_told_as_junit_does(run: TestRun, broken: Path) -> None:
    """To a file, whose folder is made; on standard output there is the tree all the same."""
    result = run("--format", "junit", "--output", "reports/junit.xml")
    root = ET.fromstring((broken / "reports" / "junit.xml").read_text("utf-8"))  # noqa: S314 -- our own
    (suite,) = root
    cases = [(case.get("classname"), case.get("name"), [part.tag for part in case]) for case in suite]

    assert result.exit_code == 1
    assert result.stdout.startswith("policies/deploy.scenario.yaml\n  ci-bot\n    to production  FAILED\n")
    counts = {"tests": "5", "failures": "1", "errors": "0", "skipped": "1"}
    for element, name in ((root, "policy-engine"), (suite, "policies/deploy.scenario.yaml")):
        assert {key: value for key, value in element.attrib.items() if key != "time"} == {
            "name": name,
            **counts,
        }
    file = "policies/deploy.scenario.yaml"
    assert cases == [
        (file, "ci-bot: to staging", []),
        (file, "ci-bot: to production", ["failure"]),
        (file, "alice: to staging", []),
        (file, "alice: to production", []),
        (f"{file}::forged::later", "alice: to staging", ["skipped"]),
    ]
    (failure,) = suite[1]
    assert failure.attrib == {"message": "decision: expected deny, got allow", "type": "decision"}
    assert (failure.text or "").startswith(
        "scenario   policies/deploy.scenario.yaml:9:3\ntoken      `ci-bot`"
    )
    assert (suite[1].get("file"), suite[1].get("line")) == (file, "9")


def test_github_is_told_in_one_command_a_failure(run: TestRun, broken: Path) -> None:
    """At the line of the expectation; what would end a command is written otherwise."""
    assert broken.is_dir()
    command, footer = run("--format", "github").stdout.splitlines()

    assert command.startswith(
        "::error file=policies/deploy.scenario.yaml,line=9,col=3,title=ci-bot%3A to production::"
        "decision: expected deny, got allow%0Ascenario   policies/deploy.scenario.yaml:9:3%0A"
        "token      `ci-bot`, a machine's, issuer machines, profile policy-engine%0AALLOW"
    )
    assert footer == "5 cases: 3 passed, 1 failed, 1 skipped in 0.0 s"


def test_names_cannot_reach_the_terminal_or_the_report(run: TestRun, broken: Path) -> None:
    """What a terminal would obey is spelt out, in XML as well, which has no place for it."""
    name = r'"ci\e[2J 100%"'
    file = broken / "policies" / "deploy.scenario.yaml"
    file.write_text(SCENARIO.replace("ci-bot:", f"{name}:"))

    results = {form: run("--format", form).stdout for form in ("text", "list", "junit", "github", "json")}

    assert [form for form, text in results.items() if "\x1b" in text or "u001b[2J 100%" not in text] == []
    assert "u001b[2J 100%25" in results["github"]
    assert ET.fromstring(results["junit"].partition("\n")[2]).tag == "testsuites"  # noqa: S314 -- our own


def test_progress_is_shown_on_a_terminal_alone() -> None:
    """A bar that goes away in the end; elsewhere nothing is told at all."""
    case = Case(
        id="f::a::b",
        group=(),
        who=Who(name="a"),
        asked=Asked(name="b", message=None, server="s"),
        expect=Expectation(),
        now=0.0,
    )
    failed = Result(case=case, decision=None, failures=(Failure(what="code", expected="a", actual="b"),))
    with Path("/dev/null").open("w") as nowhere:
        terminal = Console(file=nowhere, force_terminal=True, record=True)
        with progress_of(2, terminal) as told:
            assert told is not None
            told(failed)
        with progress_of(2, Console(file=nowhere)) as silent:
            assert silent is None


@pytest.mark.parametrize("place", ["policies", "policies/deploy.cedar/x"])
def test_a_report_that_cannot_be_written_is_told(run: TestRun, place: str) -> None:
    """A folder is there, or a file where a folder would have to be."""
    result = run("--format", "json", "--output", place)

    assert result.exit_code == 2
    assert result.stderr.startswith("error: policies")
