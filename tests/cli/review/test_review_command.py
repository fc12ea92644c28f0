"""`policy-engine review`: what it says, writes and ends with."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from tests.plugins.solver import require_cvc5

SETS = Path(__file__).parents[3] / "policies"
BLIND = '\n@id("everything")\npermit (principal, action in Action::"call_tool", resource);\n'

Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example of a small team, in a folder of its own."""
    require_cvc5()
    for name in ("baseline", "demo"):
        shutil.copytree(SETS / name, tmp_path / name)
    monkeypatch.chdir(tmp_path / "demo")
    return tmp_path / "demo"


@pytest.fixture
def run() -> Run:
    """Run it."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["review", *words])

    return run


def last(result: Result) -> str:
    """What comes of all of it."""
    return result.stdout.rstrip().splitlines()[-1]


def test_what_keeps_machines_and_people_apart_is_proved(project: Path, run: Run) -> None:
    """And the exit status says so."""
    assert project.is_dir()

    result = run("--question", "separation")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "separation: Are machines and people kept apart?\n"
        "  - waived: `session` lets in a machine as it lets in people, and says that it is meant so\n"
        "  ✔ 7 proved\n"
        "\n"
        "✔ PROVED: 1 waived, 7 proved\n"
    )


def test_a_permit_that_takes_machines_for_people_is_shown_by_a_call(project: Path, run: Run) -> None:
    """One that mended policies must deny: as a scenario it fails until then."""
    policies = project / "demo.cedar"
    before = policies.read_text()
    policies.write_text(before + BLIND)
    file = project / "found.scenario.yaml"

    result = run("-q", "separation", "--save-scenario", str(file))

    assert (result.exit_code, last(result)) == (1, "✘ VIOLATED: 2 violated, 1 waived, 6 proved")
    assert "1 of 8 permits can't tell a machine from a person: `everything`" in result.stdout
    assert result.stdout.count("policy-engine explain --client machines/ci-bot ") == 1
    assert result.stderr == f"{file}: 1 added, 0 there already\n"
    assert CliRunner().invoke(app, ["test", str(file)]).exit_code == 1
    policies.write_text(before)
    assert CliRunner().invoke(app, ["test", str(file)]).exit_code == 0


def test_what_is_only_worth_a_look_is_no_scenario(project: Path, run: Run) -> None:
    """A saved one would fail until somebody changes what isn't wrong."""
    file = project / "found.scenario.yaml"

    result = run("-q", "delegation", "--save-scenario", str(file))

    assert (result.exit_code, result.stderr) == (0, f"{file}: 0 added, 0 there already\n")
    assert not file.exists()


def test_what_isnt_known_is_neither_proved_nor_violated(project: Path, run: Run) -> None:
    """Policies that don't validate, or a question that takes a solver which mustn't be asked."""
    result = run("--no-solver", "--ceiling", "baseline.cedar", "-q", "ceiling")
    assert (result.exit_code, "can't read" in result.stderr or "no such" in result.stderr.lower()) == (
        2,
        True,
    )

    (project / "bad.cedar").write_text("permit (principal")
    result = run("-q", "separation", "-q", "health")
    assert (result.exit_code, last(result)) == (3, "? NOT KNOWN: 2 not known")
    assert "because invalid_policies: bad.cedar:1:8" in result.stdout or "bad.cedar:1:" in result.stdout


def test_what_no_machine_may_ever_use_and_bounds_are_asked_about(project: Path, run: Run) -> None:
    """From options or from the configuration."""
    (project / "machines.cedar.bound").write_text(
        '@id("all") permit (principal is Client, action in [Action::"session", Action::"list_tools",'
        ' Action::"list_prompts", Action::"list_resources", Action::"list_resource_templates",'
        ' Action::"github/create_issue"], resource);'
    )
    result = run(
        "-q", "never", "-q", "ceiling", "--never", "destructive", "--ceiling", "machines.cedar.bound"
    )
    assert (result.exit_code, last(result)) == (0, "✔ PROVED: 2 proved"), result.stdout

    result = run("-q", "never", "--never", "github/create_issue")
    assert (result.exit_code, last(result)) == (1, "✘ VIOLATED: 1 violated")

    config = project / "policy-engine.yaml"
    config.write_text(
        config.read_text() + "review: {never: [github/create_issue], ceiling: machines.cedar.bound}\n"
    )
    result = run("-q", "never", "-q", "ceiling")
    assert (result.exit_code, last(result)) == (1, "✘ VIOLATED: 1 violated, 1 proved")


def test_who_can_and_what_they_can_is_told(project: Path, run: Run) -> None:
    """Alone, without what else a review asks."""
    assert project.is_dir()

    result = run("--who-can", "github/create_issue", "--what-can", "Client")

    assert result.exit_code == 0
    heads = [line for line in result.stdout.splitlines() if line[:1].isalpha()]
    assert heads == ["who-can: Who can do this?", "what-can: What can they do?"]
    assert 'Machines can use `Action::"github/create_issue"`' in result.stdout


def test_every_report_is_written(project: Path, run: Run) -> None:
    """By the end of its name; a later review is compared with an earlier one."""
    names = ["r.html", "r.md", "r.json", "r.sarif", "r.csv"]
    result = run("--no-solver", *(word for name in names for word in ("--report", name)))

    assert result.exit_code in (0, 1, 3)
    assert result.stderr == "".join(f"wrote {name}\n" for name in names)
    texts = {name: (project / name).read_text() for name in names}
    assert texts["r.html"].startswith("<!DOCTYPE html>")
    assert json.loads(texts["r.sarif"])["version"] == "2.1.0"
    assert json.loads(texts["r.json"])["outcome"] in ("proved", "violated", "unknown")
    assert all(str(project) not in text for text in texts.values())

    (project / "demo.cedar").write_text((project / "demo.cedar").read_text() + BLIND)
    again = run("--no-solver", "--baseline", "r.json")
    assert "since the earlier report" in again.stdout
    assert "verdicts: separation / everything: not there → violated" in again.stdout


@pytest.mark.parametrize("format_", ["json", "markdown", "sarif"])
def test_it_speaks_to_programs(project: Path, run: Run, format_: str) -> None:
    """One value on standard output, and nothing beside it."""
    assert project.is_dir()
    result = run("-q", "separation", "--format", format_)

    assert (result.exit_code, result.stderr) == (0, "")
    if format_ == "markdown":
        assert result.stdout.startswith("## ✅ Policy review: proved\n")
    else:
        value: Any = json.loads(result.stdout)
        assert (value["outcome"] if format_ == "json" else value["version"]) in ("proved", "2.1.0")


def test_what_can_be_mended_is_mended_first(project: Path, run: Run) -> None:
    """And nothing else of the file changes."""
    policies = project / "demo.cedar"
    before = policies.read_text()
    policies.write_text(
        before + '\n@id("late")\npermit (principal, action == Action::"github/list_issues", resource)\n'
        "when { principal is User };\n"
    )

    result = run("-q", "separation", "--fix")

    assert (result.exit_code, "mended PS" in result.stderr) == (0, True)
    assert policies.read_text() == before + (
        '\n@id("late")\npermit (principal is User, action == Action::"github/list_issues", resource);\n'
    )


def test_what_a_severity_lets_pass_is_told_and_fails_nothing(project: Path, run: Run) -> None:
    """Unless the severity is asked for."""
    assert project.is_dir()
    usual, strict = run("-q", "delegation"), run("-q", "delegation", "--fail-on", "warning")

    assert (usual.exit_code, strict.exit_code) == (0, 1)
    assert last(strict).startswith("✘ VIOLATED: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-c", "nowhere.yaml"), "there is no such configuration file"),
        (("--never", "nothing-like-it"), 'there is no `Action::"nothing-like-it"`'),
        (("--report", "r.pdf"), "`r.pdf` is no report"),
        (("--report", "nowhere/r.html"), "there is no such folder"),
        (("--no-widening", "Client"), "--no-widening goes with --against"),
        (("-q", "never"), "`never` is asked about nothing (say what: --never)"),
        (("-q", "ceiling"), "`ceiling` is asked about nothing"),
        (("-q", "diff"), "`diff` is asked about nothing (say what: --against)"),
        (("-q", "who-can"), "`who-can` is asked about nothing (say what: --who-can)"),
        (("--against", "nowhere"), "there is no `nowhere`"),
        (("--baseline", "demo.cedar"), "demo.cedar"),
        (("--ceiling", "nowhere.cedar"), "nowhere.cedar"),
        (("-q", "separation", "--save-scenario", "found.yaml"), "isn't a name of a scenario file"),
    ],
)
def test_what_cant_be_used_is_said(project: Path, run: Run, words: tuple[str, ...], said: str) -> None:
    """With exit status 2, and no traceback."""
    assert project.is_dir()
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_it_is_compared_with_what_git_has(project: Path, run: Run) -> None:
    """The gate of a pull request: a machine may do nothing more."""
    root = project.parent

    def git(*words: str) -> None:
        own = ("-c", "user.name=t", "-c", "user.email=t@example.com")
        subprocess.run(("git", *own, *words), cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "as it was")
    gate = ("-q", "diff", "--against", "HEAD:./policy-engine.yaml", "--no-widening", "Client")
    assert run(*gate).exit_code == 0

    (project / "demo.cedar").write_text((project / "demo.cedar").read_text() + BLIND)
    result = run(*gate)

    assert result.exit_code == 1
    assert "Machines can do what they couldn't before" in result.stdout
