"""`policy-engine test --coverage`: what is told, where, and when it is too little."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

TestRun = Callable[..., Result]


UNTESTED = """
@id("people-deploy")
permit (principal is User, action == Action::"delivery/deploy", resource)
when { context.arguments.env == "nowhere" };
"""


def report(result: Result) -> str:
    """What stands below the cases."""
    return result.stdout.partition(" in 0.0 s\n")[2]


@pytest.fixture
def untested(project: Path) -> Path:
    """The project, with a policy that no case exercises."""
    file = project / "policies" / "deploy.cedar"
    file.write_text(file.read_text("utf-8") + UNTESTED, "utf-8")
    return project


def test_the_numbers_are_told_where_all_is_exercised(run: TestRun) -> None:
    """One policy, both outcomes of its clause; no policy is for people or agents."""
    result = run("--coverage")

    assert result.exit_code == 0, result.output
    assert report(result) == (
        "policies               ████████████████████ 100.0 %  1 of 1\n"
        "clause outcomes        ████████████████████ 100.0 %  2 of 2\n"
        "condition outcomes     ████████████████████ 100.0 %  2 of 2\n"
        "policies, by a Client  ████████████████████ 100.0 %  1 of 1\n"
    )


@pytest.mark.usefixtures("untested")
def test_what_is_missing_is_shown_at_its_place(run: TestRun) -> None:
    """With the file as it is typed here; without a threshold, that is no failure."""
    result = run("--coverage")

    assert result.exit_code == 0, result.output
    assert report(result) == (
        "policies/deploy.cedar:5:1: permit `people-deploy` decided: User 0, Client -, delegated -\n"
        '  6 | permit (principal is User, action == Action::"delivery/deploy", resource)\n'
        "      ^^^^^^ never applied, though its head admitted 2 requests\n"
        '  7 | when { context.arguments.env == "nowhere" };\n'
        "      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never true\n"
        "\n"
        "policies               ██████████░░░░░░░░░░  50.0 %  1 of 2\n"
        "clause outcomes        ███████████████░░░░░  75.0 %  3 of 4\n"
        "condition outcomes     ███████████████░░░░░  75.0 %  3 of 4\n"
        "policies, by a User    ░░░░░░░░░░░░░░░░░░░░   0.0 %  0 of 1\n"
        "policies, by a Client  ████████████████████ 100.0 %  1 of 1\n"
    )


@pytest.mark.usefixtures("untested")
@pytest.mark.parametrize(
    ("options", "status"),
    [
        (("--min-policy", "50"), 0),
        (("--min-policy", "50.1"), 1),
        (("--min-clause", "75"), 0),
        (("--min-clause", "76"), 1),
        (("--min-condition", "76"), 1),
        (("--min-kind", "Client"), 0),
        (("--min-kind", "client=100"), 0),
        (("--min-kind", "User=0"), 0),
        (("--min-kind", "User"), 1),
        (("--min-kind", "Client", "--min-kind", "User=50"), 1),
        (("--min-kind", "delegated"), 0),
    ],
)
def test_too_little_fails(run: TestRun, options: tuple[str, ...], status: int) -> None:
    """Each threshold asks for coverage by itself, and gates."""
    assert run(*options).exit_code == status


@pytest.mark.usefixtures("untested")
def test_a_kind_that_never_exercises_a_policy_is_named(run: TestRun) -> None:
    """The sentence that a reviewer looks for."""
    result = run("--min-kind", "User")

    assert result.stdout.endswith(
        "0 % of policies, by a User (0 of 1), and 100 % are wanted:\n"
        "  `people-deploy`: this permit was never exercised by a User\n"
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--min-kind", "Robot"), "`Robot` is none of User, Client, delegated"),
        (("--min-kind", "User=all"), "`all` is no percentage: write User=80"),
        (("--min-kind", "User=101"), "`101` is no percentage: write User=80"),
        (("--coverage-format", "html"), "html needs a file: --coverage-output"),
    ],
)
def test_wrong_usage_is_no_answer(run: TestRun, options: tuple[str, ...], sentence: str) -> None:
    """Exit status 2, and the reason on standard error."""
    result = run(*options)

    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.usefixtures("untested")
def test_a_file_is_written_and_the_numbers_told(run: TestRun, project: Path) -> None:
    """JSON for programs; places are those of the file."""
    result = run("--coverage-format", "json", "--coverage-output", "coverage.json")
    written = json.loads((project / "coverage.json").read_text("utf-8"))

    assert result.exit_code == 0, result.output
    assert [line.split("  ")[0] for line in report(result).splitlines()] == [
        "policies",
        "clause outcomes",
        "condition outcomes",
        "policies, by a User",
        "policies, by a Client",
    ]
    assert written["config"] == "policy-engine.yaml"
    assert [(one["id"], one["state"], one["line"]) for one in written["policies"]] == [
        ("bot-deploys", "full", 1),
        ("people-deploy", "partly", 5),
    ]
    assert written["tokens"] == [
        {"issuer": "corp", "profile": "rfc9068", "taken_for": {"User": 2}},
        {"issuer": "machines", "profile": "policy-engine", "taken_for": {"Client": 2}},
    ]


def test_a_page_is_written(run: TestRun, project: Path) -> None:
    """One file of HTML."""
    result = run("--coverage-format", "html", "--coverage-output", "coverage.html")
    page = (project / "coverage.html").read_text("utf-8")

    assert result.exit_code == 0, result.output
    assert page.startswith("<!DOCTYPE html>\n<html lang=")
    assert 'data-policy="bot-deploys" data-state="full"' in page
    assert str(project) not in page


def test_marked_text_is_written_with_all_of_it(run: TestRun, project: Path) -> None:
    """What was exercised, calls and tokens, too."""
    result = run("--coverage-all", "--coverage-output", "coverage.txt")
    written = (project / "coverage.txt").read_text("utf-8")

    assert result.exit_code == 0, result.output
    assert "permit `bot-deploys` decided: User -, Client 1, delegated -\n" in written
    assert "delivery/deploy         0/2         1/1           .\n" in written


def test_a_file_that_cannot_be_written_is_told(run: TestRun) -> None:
    """With what to do about it."""
    result = run("--coverage-output", "nowhere/coverage.txt")

    assert result.exit_code == 2
    assert result.stderr == (
        "error: nowhere/coverage.txt: can't be written: No such file or directory"
        " (name another file: --coverage-output)\n"
    )


def test_a_programs_answer_stays_whole(run: TestRun) -> None:
    """Where standard output is JSON, coverage is told on standard error."""
    result = run("--format", "json", "--coverage")

    assert json.loads(result.stdout)["passed"] == 4
    assert result.stderr.startswith("policies ")


@pytest.mark.usefixtures("broken")
def test_a_failing_case_fails_whatever_is_exercised(run: TestRun) -> None:
    """Its coverage is told all the same."""
    result = run("--coverage")

    assert result.exit_code == 1
    assert "policies               ████████████████████ 100.0 %  1 of 1\n" in result.stdout
