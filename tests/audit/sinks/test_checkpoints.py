"""Chains are signed: at their beginning, every so often, and at their end."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.audit import Checkpoints, FileSink, verify_files
from policy_engine.model.strict_json import parse
from tests.audit.conftest import Key

NOW = 1_790_000_000.5


def rule(key: Key, lines: int = 1000, seconds: float = 3600) -> Checkpoints:
    """When to sign."""
    return Checkpoints(signer=key, lines=lines, seconds=seconds, now=lambda: NOW)


def events(path: Path) -> list[Any]:
    """What each line is: a number that was recorded, or the event."""
    return [line.get("event", line.get("n")) for line in map(json.loads, path.read_bytes().splitlines())]


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that a thread does."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_chain_is_signed_at_once_every_so_many_lines_and_when_it_is_closed(
    tmp_path: Path, key: Key
) -> None:
    """A checkpoint is a line of the chain, and signs all lines before it."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path, checkpoints=rule(key, lines=3))
    for n in range(5):
        sink.write({"n": n})
    sink.close()
    sink.close()

    assert events(path) == [0, "checkpoint", 1, 2, 3, "checkpoint", 4, "checkpoint"]
    lines = list(map(json.loads, path.read_bytes().splitlines()))
    assert list(lines[1]) == ["event", "time", "signature", "chain", "seq", "hash"]
    assert parse(key.verify(lines[5]["signature"])) == {
        "chain": lines[0]["chain"],
        "seq": 5,
        "hash": lines[4]["hash"],
        "time": NOW,
        "lines": 3,
    }
    report = verify_files([path], verifier=key)
    assert (report.problems, [(chain.signed_seq, chain.signed_at) for chain in report.chains]) == (
        (),
        [(7, NOW)],
    )


def test_it_is_signed_though_no_more_records_come(tmp_path: Path, key: Key) -> None:
    """After the seconds that may pass."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path, checkpoints=rule(key, seconds=0.05))
    sink.write({"n": 0})
    sink.write({"n": 1})

    until(lambda: events(path) == [0, "checkpoint", 1, "checkpoint"])
    time.sleep(0.2)

    assert events(path) == [0, "checkpoint", 1, "checkpoint"]
    sink.write({"n": 2})
    until(lambda: events(path)[-1] == "checkpoint")


def test_a_process_that_ends_signs_and_is_not_held_up(tmp_path: Path, key: Key) -> None:
    """The timer ends with it, however long it would have waited."""
    program = """
import json, pathlib, sys
from policy_engine.audit import Checkpoints, FileSink
from policy_engine.jose import SigningKey, sign
class Key:
    key = SigningKey.from_jwk(json.loads(sys.argv[2]))
    def sign(self, payload):
        return sign(payload, self.key, typ="test")
sink = FileSink(pathlib.Path(sys.argv[1]), checkpoints=Checkpoints(signer=Key(), seconds=3600))
sink.write({"n": 0})
sink.write({"n": 1})
"""
    path = tmp_path / "a.jsonl"
    jwk = json.dumps(key.key.to_jwk())
    subprocess.run([sys.executable, "-c", program, str(path), jwk], check=True, timeout=60)

    assert events(path) == [0, "checkpoint", 1, "checkpoint"]
    assert verify_files([path], verifier=key).ok


def test_a_record_stands_though_it_cannot_be_signed(
    tmp_path: Path, key: Key, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says so, and the next one is signed with it."""

    class Failing:
        fails = True

        def sign(self, payload: bytes) -> str:
            if self.fails:
                raise RuntimeError("no such token: secret")
            return key.sign(payload)

    path, signer = tmp_path / "a.jsonl", Failing()
    sink = FileSink(path, checkpoints=Checkpoints(signer=signer, seconds=3600))
    sink.write({"n": 0})
    signer.fails = False
    sink.write({"n": 1})
    sink.close()

    assert events(path) == [0, 1, "checkpoint"]
    assert caplog.messages == ["the audit log couldn't be signed: RuntimeError"]


def test_what_was_cut_off_before_a_checkpoint_of_another_key_is_found(
    tmp_path: Path, key: Key, other_key: Key
) -> None:
    """Whoever rewrites everything needs the key; a chain without any checkpoint is none of ours."""
    path = tmp_path / "a.jsonl"
    for writer in (rule(other_key), None):
        path.unlink(missing_ok=True)
        sink = FileSink(path, checkpoints=writer)
        sink.write({"n": 0})
        sink.write({"n": 1})
        sink.close()

        found = verify_files([path], verifier=key)

        assert {problem.kind for problem in found.problems} == (
            {"signature", "unsigned"} if writer else {"unsigned"}
        )
        assert verify_files([path]).ok


def test_a_checkpoint_of_other_lines_proves_nothing(tmp_path: Path, key: Key) -> None:
    """Its signature is good, and stands in a chain that was made anew."""
    real, forged = tmp_path / "real", tmp_path / "forged"
    sink = FileSink(real, checkpoints=rule(key))
    sink.write({"n": 0})
    checkpoint = json.loads(real.read_bytes().splitlines()[1])
    forger = FileSink(forged)
    forger.write({"n": "forged"})
    forger.write({name: checkpoint[name] for name in ("event", "time", "signature")})

    found = verify_files([forged], verifier=key)

    assert [(problem.place.line, problem.kind) for problem in found.problems] == [
        (1, "unsigned"),
        (2, "signature"),
    ]


def test_a_long_tail_without_a_checkpoint_is_told(tmp_path: Path, key: Key) -> None:
    """A checkpoint says how many lines may follow: more were appended by somebody without the key."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path, checkpoints=rule(key, lines=2))
    sink.write({"n": 0})
    sink._rule = None  # noqa: SLF001 -- as whoever has the file and not the key
    for n in range(5):
        sink.write({"n": n})

    found = verify_files([path], verifier=key)

    assert [(problem.place.line, problem.kind) for problem in found.problems] == [(7, "unsigned")]
