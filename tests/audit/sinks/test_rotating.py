"""A file that grew too large is moved aside by one process; the chains of all go on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policy_engine.audit import Checkpoints, FileSink, Rotation, rotated_files, verify_files
from tests.audit.conftest import Key

NOW = 1_790_000_000.0
PAD = "x" * 300


def numbers(files: list[Path]) -> list[int]:
    """The numbers that were recorded, in the order of the files."""
    lines = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return [line["n"] for line in lines if "n" in line]


def test_a_large_file_is_moved_aside_and_the_oldest_are_removed(tmp_path: Path, key: Key) -> None:
    """It ends with a checkpoint, and the chain goes on in the new one."""
    path = tmp_path / "a.jsonl"
    others = [tmp_path / name for name in ("a.jsonl.1", "a.jsonl.20260101", "a.jsonl.bak", "b.jsonl")]
    for other in others:
        other.write_text("no log\n")
    signed = Checkpoints(signer=key, seconds=3600)
    sink = FileSink(path, checkpoints=signed, rotation=Rotation(size=1500, keep=3), now=lambda: NOW)
    for n in range(40):
        sink.write({"n": n, "pad": PAD})
    sink.close()

    files = [*rotated_files(path), path]
    names = [file.name for file in files]
    report = verify_files(files, verifier=key)

    assert len(files) == 4
    assert names[:-1] == sorted(names[:-1])
    assert all(name.startswith("a.jsonl.20260921T141320.") for name in names[:-1])
    assert numbers(files) == list(range(numbers(files)[0], 40))
    assert [json.loads(file.read_bytes().splitlines()[-1])["event"] for file in files] == ["checkpoint"] * 4
    assert (report.problems, [chain.signed_seq for chain in report.chains]) == (
        (),
        [report.chains[0].seq - 1],
    )
    assert [note.says for note in report.notes] == ["it goes on from an earlier file, which wasn't read"]
    assert [other.read_text() for other in others] == ["no log\n"] * 4


def test_a_link_is_followed(tmp_path: Path) -> None:
    """What is moved aside is the file, beside itself."""
    (tmp_path / "far").mkdir()
    path = tmp_path / "a.jsonl"
    path.symlink_to(tmp_path / "far" / "b.jsonl")
    sink = FileSink(path, rotation=Rotation(size=500, keep=10))
    for n in range(5):
        sink.write({"n": n, "pad": PAD})

    assert path.is_symlink()
    assert {file.parent.name for file in rotated_files(path)} == {"far"}
    assert numbers([*rotated_files(path), path]) == list(range(5))


def test_a_missing_file_in_the_middle_is_found(tmp_path: Path) -> None:
    """By the chain that goes on without it."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path, rotation=Rotation(size=1000, keep=10))
    for n in range(12):
        sink.write({"n": n, "pad": PAD})
    files = [*rotated_files(path), path]

    assert verify_files(files).ok
    found = verify_files([files[0], *files[2:]]).problems
    assert [(problem.kind, problem.place.file, problem.place.line) for problem in found] == [
        ("missing", files[2], 1)
    ]


def test_a_clock_that_goes_back_keeps_the_order(tmp_path: Path) -> None:
    """Files are known by names that only ever grow."""
    path = tmp_path / "a.jsonl"
    clock = [NOW]
    sink = FileSink(path, rotation=Rotation(size=1000, keep=100), now=lambda: clock[0])
    for n in range(20):
        clock[0] = NOW - 86_400 * n
        sink.write({"n": n, "pad": PAD})
    files = [*rotated_files(path), path]

    assert len(files) > 5
    assert numbers(files) == list(range(20))
    assert verify_files(files).ok


def test_a_folder_that_cannot_be_written_to_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The file grows on, the log says so once, and it isn't tried at each record."""
    path = tmp_path / "a.jsonl"

    def refused(_self: Path, _target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refused)
    sink = FileSink(path, rotation=Rotation(size=500, keep=1))
    for n in range(10):
        sink.write({"n": n, "pad": PAD})

    assert numbers([path]) == list(range(10))
    assert caplog.messages == ["the audit log can't be moved aside, and grows on: Permission denied"]


WRITE = """
import pathlib, sys
from policy_engine.audit import FileSink, Rotation
sink = FileSink(pathlib.Path(sys.argv[1]), rotation=Rotation(size=6_000, keep=1000))
for n in range(200):
    sink.write({"n": n, "pad": "x" * 200})
"""


def test_processes_that_move_one_file_at_once_lose_nothing(tmp_path: Path) -> None:
    """Three of them write and move; each line of each is there once, in its order, and all verify."""
    path = tmp_path / "a.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITE, str(path)]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]

    files = [*rotated_files(path), path]
    report = verify_files(files)

    assert len(files) > 5  # how often depends on who is quick; that they move is what is meant
    assert (report.problems, report.notes) == ((), ())
    assert [(chain.lines, chain.seq) for chain in report.chains] == [(200, 200)] * 3
    assert sorted(numbers(files)) == sorted(list(range(200)) * 3)
