"""`policy-engine audit`: verify, head, query, stats, tail and key."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine import Client, PolicyEngine
from policy_engine.cli import app
from policy_engine.config import load_config

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github}
issuers:
  machines: {issuer: https://as.example.com, profile: policy-engine}
policies: ping.cedar
audit:
  file: audit.jsonl
  sign: {env: AUDIT_KEY}
  rotate: {megabytes: 0.002, keep: 50}
"""
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that signs, moves aside, and has recorded six decisions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    (tmp_path / "ping.cedar").write_text(
        '@id("ping") permit (principal is Client, action == Action::"ping", resource);'
    )
    made = CliRunner().invoke(app, ["audit", "key", "key.jwk"])
    assert (made.exit_code, json.loads(made.stdout)["kty"]) == (0, "OKP")
    (tmp_path / "public.jwk").write_text(made.stdout)
    monkeypatch.setenv("AUDIT_KEY", (tmp_path / "key.jwk").read_text())
    engine = PolicyEngine.from_config("policy-engine.yaml")
    for message in (PING, PING, LIST, PING, PING, LIST):
        engine.authorize(Client(issuer="machines", client_id="ci-bot"), message)
    engine.close()
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Run one command in the folder."""
    assert folder.is_dir()

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["audit", *arguments])

    return command


def files(folder: Path) -> list[str]:
    """The files of the log, oldest first."""
    return [*sorted(path.name for path in folder.glob("audit.jsonl.*")), "audit.jsonl"]


def test_a_key_is_private_and_is_never_overwritten(folder: Path, run: Run) -> None:
    """Its public part can be had again."""
    again, public = run("key", "key.jwk"), run("key", "--public", "key.jwk")

    assert stat.S_IMODE((folder / "key.jwk").stat().st_mode) == 0o600
    assert (again.exit_code, again.stdout) == (2, "")
    assert "error: key.jwk: the file is there already (a log may be signed with what it holds" in again.stderr
    assert (public.exit_code, public.stdout) == (0, (folder / "public.jwk").read_text())
    assert "d" not in json.loads(public.stdout)


def test_the_log_of_a_configuration_is_verified_with_its_key(folder: Path, run: Run) -> None:
    """All its files, in their order."""
    assert len(files(folder)) > 1
    found = run("verify")
    data = json.loads(run("verify", "--format", "json").stdout)

    (chain,) = data["chains"]
    assert found.exit_code == 0
    assert found.stdout.splitlines()[0].startswith(
        f"chain {chain['chain']}  lines 1-{chain['lines']}  signed up"
    )
    assert found.stdout.splitlines()[1:] == [f"ok: {chain['lines']} lines, 1 chain: nothing was changed"]
    assert (data["ok"], data["signatures_checked"], data["problems"], data["notes"]) == (True, True, [], [])
    assert [Path(file).name for file in data["files"]] == files(folder)
    assert chain["signed"]["seq"] == chain["lines"] - 1


def test_a_changed_line_is_named(folder: Path, run: Run) -> None:
    """With its file and its line; the exit status is 1."""
    file = folder / files(folder)[0]
    file.write_text(file.read_text().replace('"allow"', '"deny"', 1))

    found = run("verify", *files(folder), "--key", "public.jwk")
    (problem,) = json.loads(run("verify", "--format", "json").stdout)["problems"]

    assert found.exit_code == 1
    assert f"problem: {file.name}:1: changed: line 1 of its chain was changed" in found.stdout
    assert found.stdout.splitlines()[-1].startswith("1 problem in ")
    assert (problem["line"], problem["kind"], Path(problem["file"]).name) == (1, "changed", file.name)


def test_heads_protect_the_end(folder: Path, run: Run) -> None:
    """Kept in a file, or one by one."""
    heads = run("head")
    (folder / "heads").write_text(heads.stdout)
    hash_ = heads.stdout.split()[0]
    assert run("verify", "--head", "@heads").exit_code == 0
    log = folder / "audit.jsonl"
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:-1]))

    for given in ("@heads", hash_):
        found = run("verify", "--head", given)
        assert found.exit_code == 1
        assert f"head_missing: no line up to the last one has the head {hash_}" in found.stdout
    assert run("verify").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["verify", "--key", "key.jwk"], "error: key.jwk: this is the private key (whoever verifies needs "),
        (["verify", "--key", "ping.cedar"], "error: ping.cedar: this is no JWK (make one: "),
        (["verify", "--head", "abc"], "error: --head: this is no head (give 64 hexadecimal digits"),
        (["verify", "none.jsonl"], "error: none.jsonl: No such file or directory"),
        (["verify", "--config", "none.yaml"], "error: none.yaml: there is no such configuration file"),
        (["query", "--where", "x=1"], "error: `x=1` asks for nothing (write NAME=VALUE; names: actor, "),
    ],
)
def test_what_cannot_be_used_is_told(run: Run, arguments: list[str], says: str) -> None:
    """With exit status 2, so that it is never taken for an answer."""
    found = run(*arguments)

    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.startswith(says)


def test_decisions_are_queried_and_counted(run: Run) -> None:
    """As lines for people, and as records for programs."""
    line = "ALLOW  allowed               Client machines/ci-bot  github ping  [ping]"
    found = run("query", "--where", "code=allowed")
    denied = run("query", "--where", "decision=deny", "--format", "json")
    counted = json.loads(run("stats", "--format", "json").stdout)
    told = run("stats").stdout.splitlines()

    assert [each.split("  ", 1)[1] for each in found.stdout.splitlines()] == [line] * 4
    assert [json.loads(each)["code"] for each in denied.stdout.splitlines()] == ["no_permit"] * 2
    assert (counted["total"], counted["codes"]) == (6, {"allowed": 4, "no_permit": 2})
    assert (counted["tools"], counted["policies"]) == (
        {"github ping": 4, "github tools/list": 2},
        {"ping": 4},
    )
    assert told[1] == "4 allowed, 2 denied"
    assert told[3:6] == ["codes:", "        4  allowed", "        2  no_permit"]
    assert run("stats", "--where", "since=2100-01-01").stdout == "no decisions\n"
    assert run("query", "-n", "1").stdout.count("\n") == 1


def test_what_a_caller_sent_cannot_speak_to_the_terminal(folder: Path, run: Run) -> None:
    """Names in records are other people's texts."""
    record = {
        "time": 0,
        "decision": "deny",
        "code": "\x1b[2J",
        "principal": {"type": "User", "id": "a/\x1b]"},
    }
    (folder / "bad.jsonl").write_text(json.dumps(record) + "\n")

    for arguments in (["query"], ["query", "--format", "json"], ["stats"], ["tail"]):
        assert "\x1b" not in run(*arguments[:1], "bad.jsonl", *arguments[1:]).stdout


def test_the_last_decisions_are_printed_and_those_that_come(folder: Path, run: Run) -> None:
    """From file to file, until it is interrupted."""
    assert run("tail", "-n", "1").stdout.count("no_permit") == 1
    code = "from policy_engine.cli import main; main()"
    arguments = ["audit", "tail", "-f", "-n", "1", "--where", "decision=deny"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as tailing:
        assert tailing.stdout is not None
        assert b"no_permit" in tailing.stdout.readline()
        engine = PolicyEngine.from_config(load_config(folder / "policy-engine.yaml"))
        for _ in range(3):
            engine.authorize(Client(issuer="machines", client_id="other"), LIST)
        engine.close()
        came = [tailing.stdout.readline() for _ in range(3)]
        tailing.send_signal(signal.SIGINT)
        assert tailing.wait(30) == 0

    assert [b"machines/other  github tools/list" in line for line in came] == [True] * 3
