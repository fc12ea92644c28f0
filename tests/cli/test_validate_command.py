"""`policy-engine validate`, run as its user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from policy_engine.cedar import parse_policies
from policy_engine.cli.findings import Finding
from policy_engine.errors import ConfigError
from tests.plugins.commands import command_path

Run = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github, catalogue: catalogue.json}
issuers:
  corp: {issuer: https://login.example.com, profile: rfc9068, keys: {uri: https://login.example.com/keys}}
policies: policies/
"""
GOOD = """\
// What people may do.
@id("people")
permit (principal is User, action in Action::"github/*", resource);

@id("agents") @delegable
permit (principal is User, action in Action::"session", resource);

@id("later") @mode("shadow")
forbid (principal is Client, action, resource);
"""
CATALOGUE = '{"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which nothing is wrong."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.cedar").write_text(GOOD)
    (tmp_path / "catalogue.json").write_text(CATALOGUE)
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """Run `policy-engine validate` in the project."""

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(command_path()), "validate", *arguments],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        )

    return command


def test_everything_is_told_at_once_in_the_order_of_its_places(run: Run, project: Path) -> None:
    """Errors and warnings of all files, each with its line and carets under the part."""
    (project / "policies" / "a.cedar").write_text(
        '@id("open") permit (principal, action in Action::"session", resource);\n'
        '@id("alice") permit (principal == User::"crop/alice", action, resource)\n'
        "when { context.tokn == 3 };\n"
    )
    (project / "policies" / "b.cedar").write_text(
        '\t@id("ü文x")\tpermit (principal is User, action = Action::"ping", resource);\n'
    )
    (project / "catalogue.json").write_text('{"tools": []}')

    result = run()

    folder = project.resolve()
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.replace(f"{folder}/", "") == (
        "warning: policies/a.cedar:1:21: PS001 `open`: the permit is open to people and to machines "
        '(write `principal is User` or `principal is Client`, or say so: `@kinds("both")`)\n'
        '    1 | @id("open") permit (principal, action in Action::"session", resource);\n'
        "      |                     ^^^^^^^^^\n"
        'error: policies/a.cedar:2:35: no issuer is named `crop` in `User::"crop/alice"` '
        '(did you mean `User::"corp/alice"`?)\n'
        '    2 | @id("alice") permit (principal == User::"crop/alice", action, resource)\n'
        "      |                                   ^^^^^^^^^^^^^^^^^^\n"
        "error: policies/a.cedar:3:16: `context` has no `tokn` in all 22 actions (did you mean `token`?)\n"
        "    3 | when { context.tokn == 3 };\n"
        "      |                ^^^^\n"
        "error: policies/b.cedar:1:47: `=` can't stand here (to compare, write `==`)\n"
        '    1 |         @id("ü文x")     permit (principal is User, action = Action::"ping", resource);\n'
        f"      | {' ' * 58}^\n"
        "invalid: 3 errors, 1 warning\n"
    )


def test_programs_are_told_the_same(run: Run, project: Path) -> None:
    """As JSON, with the source lines."""
    (project / "policies" / "a.cedar").write_text(
        '@id("open") permit (principal, action in Action::"session", resource);\n@id("x") permit ();\n'
    )

    result = run("--format", "json")
    record = json.loads(result.stdout)

    assert (result.returncode, result.stderr) == (1, "")
    (error,) = record.pop("errors")
    assert record == {
        "valid": False,
        "policies": 0,
        "digest": None,
        "warnings": [
            {
                "code": "PS001",
                "policy": "open",
                "problem": "the permit is open to people and to machines",
                "remedy": 'write `principal is User` or `principal is Client`, or say so: `@kinds("both")`',
                "file": str(project.resolve() / "policies" / "a.cedar"),
                "line": 1,
                "column": 21,
                "source": '@id("open") permit (principal, action in Action::"session", resource);',
            }
        ],
    }
    assert (error["code"], error["policy"], error["line"], error["column"]) == ("policy_syntax", None, 2, 18)
    assert error["source"] == '@id("x") permit ();'


def test_what_really_runs_is_printed_as_cedar(run: Run, project: Path) -> None:
    """With the guard of permits that aren't for agents, where each is from, and without shadows."""
    result = run("--effective")

    file = project.resolve() / "policies" / "p.cedar"
    assert result.stdout == (
        f"// {file}:2:1\n"
        '@id("people")\n'
        'permit (principal is User, action in Action::"github/*", resource) unless { context has actor };\n'
        "\n"
        f"// {file}:5:1\n"
        '@id("agents") @delegable\n'
        'permit (principal is User, action in Action::"session", resource);\n'
    )
    assert (result.returncode, result.stderr) == (
        0,
        "valid: 3 policies, 1 server, 1 pinned tool, 0 warnings\n",
    )
    assert [policy.id for policy in parse_policies(result.stdout)] == ["people", "agents"]


def test_programs_are_told_what_really_runs(run: Run, project: Path) -> None:
    """And nothing where the set has an error."""
    record = json.loads(run("--effective", "--format", "json").stdout)
    (project / "policies" / "a.cedar").write_text("permit")
    broken = json.loads(run("--effective", "--format", "json").stdout)

    assert [(row["policy"], row["line"], row["column"]) for row in record["effective"]] == [
        ("people", 2, 1),
        ("agents", 5, 1),
    ]
    assert record["effective"][0]["text"].endswith(" unless { context has actor };")
    assert len(record["digest"]) == 64
    assert broken["effective"] == []


def test_what_runs_is_not_printed_of_a_set_with_errors(run: Run, project: Path) -> None:
    """The errors go where they don't end up in a Cedar file."""
    (project / "policies" / "a.cedar").write_text("permit")

    result = run("--effective")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1] == "invalid: 1 error"


def test_an_unusable_part_of_the_configuration_is_told_with_the_others(run: Run, project: Path) -> None:
    """Exit status 2; what is wrong with policies can't be told without the words they are written in."""
    text = CONFIG.replace("catalogue.json", "none.json").replace("rfc9068", "rfc9086")
    (project / "policy-engine.yaml").write_text(text)

    result = run()

    assert (result.returncode, result.stderr) == (2, "")
    lines = result.stdout.replace(f"{project.resolve()}/", "").splitlines()
    assert lines[0] == ("error: policy-engine.yaml:3:54: can't read `none.json`: No such file or directory")
    assert lines[3].startswith("error: policy-engine.yaml:5:45: no profile is named `rfc9086`")
    assert lines[4:] == [
        "    5 |   corp: {issuer: https://login.example.com, profile: rfc9086, "
        "keys: {uri: https://login.example.com/keys}}",
        f"      | {' ' * 44}^^^^^^^",
        "invalid: 2 errors",
    ]


def test_a_server_without_a_catalogue_is_told_where_it_is_configured(run: Run, project: Path) -> None:
    """A warning needs no policy."""
    (project / "policy-engine.yaml").write_text(CONFIG.replace(", catalogue: catalogue.json", ""))

    result = run("--strict")

    assert result.returncode == 1
    assert (
        "warning: policy-engine.yaml:3:3: PS005: the server `github` has no catalogue, "
        "so none of its tools can be called (pin its tools/list: `catalogue: <file>`)\n"
        "    3 |   github: {resource: https://mcp.example.com/github}\n"
        "      |   ^^^^^^\n"
    ) in result.stdout


def test_a_file_that_is_no_configuration_is_told_at_its_place(run: Run, project: Path) -> None:
    """All of its keys at once, in both formats."""
    (project / "policy-engine.yaml").write_text(CONFIG.replace("policies:", "polices:"))

    result = run()
    record = json.loads(run("--format", "json").stdout)

    assert result.returncode == 2
    assert result.stdout == (
        "error: policy-engine.yaml:1:1: `policies` is missing (add it)\n"
        "    1 | version: 1\n"
        "      | ^^^^^^^\n"
        "error: policy-engine.yaml:6:1: unknown key `polices` (did you mean `policies`?)\n"
        "    6 | polices: policies/\n"
        "      | ^^^^^^^\n"
        "invalid: 2 errors\n"
    )
    assert [error["line"] for error in record["errors"]] == [1, 6]


def test_a_file_that_is_gone_has_no_line_to_show() -> None:
    """Between the check and the telling, a file may be taken away."""
    gone = Finding.of_error(ConfigError("x", file="nowhere.yaml", line=1, column=1))
    elsewhere = Finding.of_error(ConfigError("x"))

    assert (gone.source, list(gone.excerpt())) == (None, [])
    assert (elsewhere.source, list(elsewhere.excerpt())) == (None, [])


class Watching:
    """A `validate --watch` that runs."""

    def __init__(self, project: Path, log: Path) -> None:
        # A shell that ignores Ctrl-C for its children mustn't make this test fail.
        start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        code = f"{start}; from policy_engine.cli import main; main()"
        self.log = log
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-c", code, "validate", "--watch"],
                cwd=project,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NO_COLOR": "1"},
            )

    def wait_for(self, lines: list[str]) -> None:
        """Until its summaries are these, one a run."""
        deadline = time.monotonic() + 30
        while (found := self.summaries()) != lines:
            assert time.monotonic() < deadline, found
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def summaries(self) -> list[str]:
        """The last line of each run."""
        text = self.log.read_text()
        return [line for line in text.splitlines() if line.startswith(("valid: ", "invalid: "))]


@pytest.fixture
def watching(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    """It is ended whatever happens."""
    started = Watching(project, tmp_path_factory.mktemp("log") / "out")
    yield started
    started.process.kill()
    started.process.wait()


def test_a_change_of_any_file_is_checked_until_interrupted(watching: Watching, project: Path) -> None:
    """A policy that is changed, added, or taken away; the catalogue; the configuration itself."""
    good = "valid: 3 policies, 1 server, 1 pinned tool, 0 warnings"
    expected = [good]
    watching.wait_for(expected)

    steps: list[tuple[str, str | None, str]] = [
        ("policies/p.cedar", "permit", "invalid: 1 error"),
        ("policies/p.cedar", GOOD, good),
        (
            "policies/q.cedar",
            '@id("q") forbid (principal, action, resource) when { false',
            "invalid: 1 error",
        ),
        ("policies/q.cedar", None, good),
        ("catalogue.json", '{"tools": []}', "valid: 3 policies, 1 server, 0 pinned tools, 0 warnings"),
        ("policy-engine.yaml", "version: 2", "invalid: 4 errors"),
        ("policy-engine.yaml", None, "invalid: 1 error"),
        ("policy-engine.yaml", CONFIG, "valid: 3 policies, 1 server, 0 pinned tools, 0 warnings"),
        ("catalogue.json", CATALOGUE, good),
    ]
    for name, text, summary in steps:
        file = project / name
        if text is None:
            file.unlink()
        else:
            file.write_text(text)
        expected.append(summary)
        watching.wait_for(expected)

    watching.process.send_signal(signal.SIGINT)

    assert watching.process.wait(timeout=30) == 0
    assert "Traceback" not in watching.log.read_text()
