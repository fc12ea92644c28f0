"""`policy-engine policies`: what there is, what would change, and one policy that decides from now on."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from tests.plugins.commands import command_path

CONFIG = """\
version: 1
servers: {github: {resource: https://mcp.example.com/github, catalogue: github.json}}
issuers:
  corp: {issuer: https://login.example.com, profile: rfc9068, keys: {file: corp.json}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {file: machines.json}
    clients: {ci-bot: {grants: [client_credentials]}}
policies: [a.cedar, b.cedar]
audit: {file: audit.jsonl}
"""
A = """\
// Machines read.
@id("reads") permit (principal is Client, action == Action::"github/list_issues", resource);
"""
B = """\
// on trial: since spring
@id("no-secrets")
@mode("shadow")  // until summer
@reason("they are secret")
forbid (principal, action == Action::"github/list_issues", resource)
when { context.arguments.repo like "secret/*" };

@mode("shadow") @id("creates")
permit (principal is Client, action == Action::"github/create_issue", resource);
"""

T = "2026-09-21T14:15:0"
"""Calls are made in its first seconds."""


@dataclass(kw_only=True)
class Project:
    """A folder with policies, and calls that were recorded."""

    folder: Path
    world: Any
    call: Callable[..., dict[str, Any]]
    digest: str = field(init=False)

    def ask(self, *calls: tuple[str, str]) -> None:
        """Have calls decided, a second apart, and recorded."""
        engine = PolicyEngine.from_config(self.folder / "policy-engine.yaml", now=lambda: self.world.now)
        self.digest = engine.stages.digest
        for tool, repo in calls:
            engine.evaluate(self.world.machine(), self.call(tool, repo=repo))
            self.world.now += 1
        engine.close()

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command, in the folder."""
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run(
            [command_path(), "policies", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def json(self, *arguments: str) -> Any:
        """What a command says to programs."""
        done = self.run(*arguments, "--format", "json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)


@pytest.fixture
def project(world: Any, call: Callable[..., dict[str, Any]], tmp_path: Path) -> Project:
    """Two files, two policies in shadow mode."""
    from tests.conftest import CATALOGUE  # noqa: PLC0415 -- what the world's own servers list

    files = {"policy-engine.yaml": CONFIG, "a.cedar": A, "b.cedar": B, "github.json": json.dumps(CATALOGUE)}
    for name in ("corp", "machines"):
        files[f"{name}.json"] = json.dumps({"keys": [world.keys[name].public_jwk()]})
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return Project(folder=tmp_path, world=world, call=call)


CALLS = (
    ("list_issues", "acme/app"),
    ("list_issues", "secret/plans"),
    ("create_issue", "acme/app"),
    ("list_issues", "secret/plans"),
)


def test_status_tells_of_each_policy_and_of_what_would_have_changed(project: Project) -> None:
    """For people: by file, with places; counts are of the audit log."""
    project.ask(*CALLS)

    done = project.run("status")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "3 policies in 2 files, 2 in shadow mode\n"
        f"digest  {project.digest}\n"
        f"in force  this set, since {T}0Z, generation 1; last decision at {T}3Z\n"
        "\n"
        "a.cedar\n"
        "     2  permit  reads\n"
        "\n"
        "b.cedar\n"
        "     2  forbid  no-secrets  (shadow)\n"
        f"        would have denied 2 of 4 decisions since {T}0Z, last at {T}3Z\n"
        "     8  permit  creates  (shadow)\n"
        f"        would have allowed 1 of 4 decisions since {T}0Z, last at {T}2Z\n"
    )


def test_status_tells_programs_the_same(project: Project) -> None:
    """Times are seconds since the epoch, as in the log."""
    project.ask(*CALLS)

    start = 1790000100.0
    assert project.json("status") == {
        "digest": project.digest,
        "policies": 3,
        "files": [
            {"file": str(project.folder / "a.cedar"), "policies": ["reads"]},
            {"file": str(project.folder / "b.cedar"), "policies": ["no-secrets", "creates"]},
        ],
        "shadow": [
            {
                "id": "no-secrets",
                "effect": "forbid",
                "file": str(project.folder / "b.cedar"),
                "line": 2,
                "would_allow": 0,
                "would_deny": 2,
                "first": start + 1,
                "last": start + 3,
                "since": start,
            },
            {
                "id": "creates",
                "effect": "permit",
                "file": str(project.folder / "b.cedar"),
                "line": 8,
                "would_allow": 1,
                "would_deny": 0,
                "first": start + 2,
                "last": start + 2,
                "since": start,
            },
        ],
        "log": {
            "decisions": 4,
            "first": start,
            "last": start + 3,
            "digest": project.digest,
            "generation": 1,
            "since": start,
        },
        "in_force": True,
    }


def test_status_notices_that_another_set_decides(project: Project) -> None:
    """Files that were changed and not loaded, or refused, aren't what decides."""
    project.ask(*CALLS)
    (project.folder / "a.cedar").write_text(A.replace("list_issues", "create_issue"), "utf-8")

    told = project.json("status")
    lines = project.run("status").stdout.splitlines()

    assert (told["in_force"], told["log"]["digest"]) == (False, project.digest)
    assert told["digest"] != project.digest
    assert lines[2:5] == [
        "in force  another set, generation 1: the last decision, at 2026-09-21T14:15:03Z, was made with",
        f"          {project.digest}",
        "          (not loaded yet, or refused: see what the server logged)",
    ]


def test_status_without_a_log_says_so(project: Project) -> None:
    """Nothing is counted where nothing was recorded."""
    told = project.json("status")
    lines = project.run("status").stdout.splitlines()

    counts = dict.fromkeys(("would_allow", "would_deny", "first", "last", "since"))
    assert (told["log"], told["in_force"]) == (None, None)
    assert [{name: row[name] for name in counts} for row in told["shadow"]] == [counts, counts]
    assert lines[2] == "in force  not known: no decision is in an audit log"


def test_promote_takes_the_annotation_out_and_nothing_else(project: Project) -> None:
    """It says first what would have changed; comments and layout stay, and the policy decides."""
    project.ask(*CALLS)

    dry = project.run("promote", "no-secrets", "--dry-run")
    unchanged = (project.folder / "b.cedar").read_text("utf-8")
    done = project.run("promote", "no-secrets", "--yes")

    who = "Client machines/ci-bot  github/list_issues  [reads]"
    told = (
        "forbid no-secrets: would have denied 2 of 4 decisions since 2026-09-21T14:15:00Z, "
        "last at 2026-09-21T14:15:03Z\n"
        f"  2026-09-21T14:15:01Z  ALLOW  allowed               {who}\n"
        f"  2026-09-21T14:15:03Z  ALLOW  allowed               {who}\n"
    )
    file = project.folder / "b.cedar"
    assert (dry.returncode, dry.stderr, unchanged) == (0, "", B)
    assert dry.stdout == f"{told}no-secrets could be promoted: {file}:2\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{told}no-secrets decides once it is loaded: {file}:2\n"
    assert file.read_text("utf-8") == B.replace('@mode("shadow")  // until', "// until", 1)
    engine = PolicyEngine.from_config(project.folder / "policy-engine.yaml", now=lambda: project.world.now)
    decision = engine.evaluate(project.world.machine(), project.call("list_issues", repo="secret/plans"))
    assert (decision.code, [match.id for match in decision.policies]) == ("forbidden", ["no-secrets"])
    engine.close()


def test_promote_for_programs(project: Project) -> None:
    """One JSON value, also where nothing was recorded; the mark before a file's text stays."""
    (project.folder / "b.cedar").write_text(f"\ufeff{B}".replace("\n", "\r\n"), "utf-8", newline="")

    told = project.json("promote", "creates", "--yes")

    assert told == {
        "id": "creates",
        "effect": "permit",
        "file": str(project.folder / "b.cedar"),
        "line": 8,
        **dict.fromkeys(("would_allow", "would_deny", "first", "last", "since")),
        "promoted": True,
    }
    after = (project.folder / "b.cedar").read_bytes().decode("utf-8")
    assert after == f"\ufeff{B}".replace('@mode("shadow") @id', "@id").replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (
            ["nothing", "--yes"],
            2,
            "error: there is no policy `nothing` (in shadow mode: `no-secrets`, `creates`)\n",
        ),
        (
            ["reads", "--yes"],
            2,
            "error: {folder}/a.cedar:2:1: `reads` isn't in shadow mode: it decides already "
            "(name another one: policy-engine policies status)\n",
        ),
        (["creates"], 2, "error: nobody is there to be asked (say it on the command line: --yes)\n"),
    ],
    ids=["no such policy", "it decides", "nobody to ask"],
)
def test_promote_changes_nothing_that_it_cannot(
    project: Project, arguments: list[str], status: int, error: str
) -> None:
    """What is wrong is said, with what to do."""
    done = project.run("promote", *arguments)

    assert (done.returncode, done.stderr) == (status, error.format(folder=project.folder))
    assert (project.folder / "b.cedar").read_text("utf-8") == B
