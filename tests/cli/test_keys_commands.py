"""`policy-engine keys`: real files, a real store, and a process that is killed in the middle."""

import base64
import json
import os
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.jose import Sealer, new_sealing_key
from policy_engine.storage import Store, open_store

Run = Callable[..., Result]

CONFIG = """\
version: 1
servers:
  github: {resource: https://mcp.example.com/github}
issuers:
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients: {ci-bot: {grants: [client_credentials]}}
authserver:
  issuer: https://as.example.com
  store: machines.db
  key_encryption: {file: authserver.key}
  scopes: {github: [issues:read]}
policies: policies/
"""
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
KID = r"[A-Za-z0-9_][A-Za-z0-9_-]{42}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine keys` in a folder with a configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)

    def command(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, ["keys", *arguments], input=stdin)

    return command


@pytest.fixture
def ready(run: Run) -> Run:
    """The same with an encryption key and a first signing key."""
    assert run("encryption-key", "--file", "authserver.key").exit_code == 0
    assert run("rotate").exit_code == 0
    return run


def listed(run: Run) -> list[dict[str, Any]]:
    """What is listed for programs."""
    result = run("list", "--format", "json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store itself."""
    store = open_store(f"sqlite:///{folder / 'machines.db'}", create=False)
    try:
        yield store
    finally:
        store.close()


def test_an_encryption_key_is_one_line_of_chance(run: Run) -> None:
    """43 characters, another each time."""
    first, second = run("encryption-key"), run("encryption-key")

    assert (first.exit_code, second.exit_code, first.stderr) == (0, 0, "")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", first.stdout)
    assert first.stdout != second.stdout


def test_an_encryption_key_in_a_file_is_for_its_owner(run: Run, tmp_path: Path) -> None:
    """Nothing is printed, and a file that is there is left alone."""
    result = run("encryption-key", "--file", "authserver.key")
    written = (tmp_path / "authserver.key").read_text()
    again = run("encryption-key", "--file", "authserver.key")

    assert (result.exit_code, result.output) == (0, "")
    assert stat.S_IMODE((tmp_path / "authserver.key").stat().st_mode) == 0o600
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", written)
    assert (again.exit_code, again.stdout, again.stderr) == (
        2,
        "",
        "error: authserver.key: the file is there already "
        "(keys may be sealed with what it holds; name another)\n",
    )
    assert (tmp_path / "authserver.key").read_text() == written


def test_listing_makes_nothing(run: Run, tmp_path: Path) -> None:
    """Neither a store nor a key."""
    assert run("encryption-key", "--file", "authserver.key").exit_code == 0

    result = run("list")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no store at" in result.stderr
    assert not (tmp_path / "machines.db").exists()
    open_store(f"sqlite:///{tmp_path / 'machines.db'}").close()
    empty = run("list")
    assert (empty.exit_code, empty.stdout) == (0, "no key yet; the first is made when the server starts\n")


def test_a_rotation_is_told_with_its_times(ready: Run) -> None:
    """The next key signs six minutes later; a second rotation changes nothing."""
    result = ready("rotate")

    assert (result.exit_code, result.stderr) == (0, "")
    assert re.fullmatch(
        rf"active    {KID}  signs since {TIME}\npending   {KID}  published; signs from {TIME}\n",
        result.stdout,
    )
    assert ready("rotate").stdout == result.stdout
    table = ready("list").stdout
    assert re.fullmatch(
        rf"kid {{42}}algorithm  state    when\n"
        rf"{KID}  ES256      active   signs since {TIME}\n{KID}  ES256      pending  published; .*\n",
        table,
    )


def test_a_key_for_programs_has_its_times_and_nothing_private(ready: Run, tmp_path: Path) -> None:
    """The same members from each command."""
    rotated = json.loads(ready("rotate", "--format", "json").stdout)

    assert rotated == listed(ready)
    assert [(key["state"], key["algorithm"], key["published_until"], key["fault"]) for key in rotated] == [
        ("active", "ES256", None, None),
        ("pending", "ES256", None, None),
    ]
    members = {"kid", "algorithm", "state", "created_at", "signs_from", "published_until", "fault"}
    assert [set(key) for key in rotated] == [members, members]
    with opened(tmp_path) as store:
        times = [(key.created_at, key.activates_at) for key in store.keys.all()]
    assert times[1][1] - times[1][0] == 360


def test_the_active_key_retires_in_good_order(ready: Run) -> None:
    """By a successor; nobody is asked, since nothing is lost."""
    (active,) = listed(ready)

    result = ready("retire", active["kid"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert [key["state"] for key in listed(ready)] == ["active", "pending"]


@pytest.mark.parametrize("answer", ["", "n\n", "no\n"])
def test_dropping_the_active_key_asks_first(ready: Run, answer: str) -> None:
    """No answer is a no."""
    before = listed(ready)

    result = ready("retire", before[0]["kid"], "--now", stdin=answer)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "every token that it signed will be refused" in result.stderr
    assert result.stderr.endswith("nothing was changed; to go ahead without a question: --yes\n")
    assert listed(ready) == before


@pytest.mark.parametrize("how", [("--now", "--yes"), ("--now",)])
def test_a_dropped_key_is_gone_and_another_signs(ready: Run, how: tuple[str, ...]) -> None:
    """Told, after a yes."""
    (old,) = listed(ready)

    result = ready("retire", old["kid"], *how, stdin="y\n")

    assert result.exit_code == 0
    (new,) = listed(ready)
    assert (new["state"], new["kid"] == old["kid"]) == ("active", False)
    assert result.stdout.splitlines()[0] == f"gone      {old['kid']}"
    assert result.stdout.splitlines()[1].startswith(f"active    {new['kid']}  signs since ")


def test_a_pending_key_is_taken_back_without_a_question(ready: Run) -> None:
    """It signed nothing."""
    ready("rotate")
    active, pending = listed(ready)

    result = ready("retire", pending["kid"], "--now")

    assert (result.exit_code, listed(ready)) == (0, [active])


def test_an_unknown_key_is_a_mistake(ready: Run) -> None:
    """With where to look."""
    result = ready("retire", "other", "--now", "--yes")

    assert (result.exit_code, result.stderr) == (
        2,
        "error: no signing key is called `other` (see which there are: policy-engine keys list)\n",
    )


def test_a_lost_encryption_key_is_told_and_can_be_left_behind(ready: Run, tmp_path: Path) -> None:
    """`list` exits with 1; what the remedy says helps."""
    (old,) = listed(ready)
    (tmp_path / "authserver.key").write_text(new_sealing_key())

    result = ready("list", "--format", "json")

    assert result.exit_code == 1
    problem = f"the signing key `{old['kid']}` can't be opened with the configured encryption key"
    assert [key["fault"] for key in json.loads(result.stdout)] == [problem]
    assert f"policy-engine keys retire {old['kid']} --now" in result.stderr
    assert ready("retire", old["kid"], "--now", "--yes").exit_code == 0
    assert [key["fault"] for key in listed(ready)] == [None]


@pytest.mark.parametrize("command", ["rotate", "retire"])
def test_another_encryption_key_rotates_nothing(ready: Run, tmp_path: Path, command: str) -> None:
    """What it would seal, no server could open; nothing is changed, and the status says so."""
    (old,) = listed(ready)
    with opened(tmp_path) as store:
        before = store.keys.all()
    (tmp_path / "authserver.key").write_text(new_sealing_key())

    result = ready(command, *([old["kid"]] if command == "retire" else []))

    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"the signing key `{old['kid']}` can't be opened with the configured encryption key" in result.stderr
    )
    with opened(tmp_path) as store:
        assert store.keys.all() == before


def test_the_encryption_key_is_replaced_by_rotating(ready: Run, tmp_path: Path) -> None:
    """First both, the new one before the old; after a rotation the old one can go."""
    file = tmp_path / "authserver.key"
    old, new = file.read_text(), new_sealing_key()
    file.write_text(f"{new}\n{old}")

    assert ready("rotate").exit_code == 0
    file.write_text(new)

    assert [key["fault"] for key in listed(ready)] == [None, None]


def test_without_an_authorization_server_there_are_no_keys(run: Run, tmp_path: Path) -> None:
    """A mistake in usage, for each command that needs one."""
    text = CONFIG.partition("authserver:")[0] + "policies: policies/\n"
    (tmp_path / "policy-engine.yaml").write_text(text)

    for command in (["list"], ["rotate"], ["retire", "x"]):
        result = run(*command)
        assert (result.exit_code, "has no `authserver`" in result.stderr) == (2, True)


LOOP = """
import sys
from typer.testing import CliRunner
from policy_engine.cli import app

def run(*arguments):
    result = CliRunner().invoke(app, ["keys", *arguments])
    if result.exit_code and "no signing key is called" not in result.output:  # another was faster
        print(result.output, flush=True)
    return result.stdout

while True:
    lines = run("rotate").splitlines()
    print("done", flush=True)
    for line in lines:
        run("retire", line.split()[1], "--now", "--yes")
"""


def test_a_process_that_is_killed_leaves_whole_keys(ready: Run, tmp_path: Path) -> None:
    """SIGKILL at any moment, while others change the same keys: one active, all can be opened."""
    sealer = Sealer([_decoded((tmp_path / "authserver.key").read_text().strip())])
    processes = [
        subprocess.Popen([sys.executable, "-c", LOOP], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "done\n"
        for process in processes:
            time.sleep(random.Random().uniform(0.01, 0.15))
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            with opened(tmp_path) as store:
                keys = store.keys.all()
            assert [key.state.value for key in keys].count("active") == 1
            assert {key.state.value for key in keys} <= {"active", "pending"}
            assert len(keys) <= 2
            for key in keys:
                jwk = json.loads(sealer.open(key.sealed, context=f"signing key {key.kid}"))
                assert (jwk["kid"], jwk["x"]) == (key.kid, key.public_jwk["x"])
    finally:
        for process in processes:
            process.kill()
            assert process.stdout is not None
            rest = process.stdout.read()
            process.stdout.close()
            process.wait(10)
            assert set(rest.split("\n")) <= {"done", ""}, rest

    with sqlite3.connect(tmp_path / "machines.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert ready("rotate").exit_code == 0
    assert [key["state"] for key in listed(ready)] == ["active", "pending"]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(f"{text}=")
