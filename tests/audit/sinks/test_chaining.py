"""The lines of a file are a chain: of one process, tied to what was there, and whole after each fault."""

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from policy_engine.audit import FileSink, verify_files
from policy_engine.errors import AuditError


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, each as JSON."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_line_has_the_hash_of_the_line_before_in_its_own(tmp_path: Path) -> None:
    """SHA-256 of the hash before, zeros at first, and of all bytes up to the hash."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1, "text": '","hash":"'})
    sink.write({})

    first, second = path.read_bytes().splitlines()
    one, two = lines_of(path)
    before = bytes(32)
    for line, value in ((first, one), (second, two)):
        head = line[: line.rindex(b',"hash":"')]
        before = sha256(before + head).digest()
        assert value["hash"] == before.hex()
    assert list(one) == ["n", "text", "chain", "seq", "hash"]
    assert (one["chain"], one["seq"], two) == (
        two["chain"],
        1,
        {"chain": one["chain"], "seq": 2, "hash": before.hex()},
    )
    assert len(one["chain"]) == 11


def test_a_later_process_ties_its_first_line_to_what_is_there(tmp_path: Path) -> None:
    """Each begins a chain of its own; its first line says which line was the last by then."""
    path = tmp_path / "a.jsonl"
    for n in range(3):
        FileSink(path).write({"n": n})

    one, two, three = lines_of(path)
    assert "after" not in one
    assert (two["after"], three["after"]) == (one["hash"], two["hash"])
    assert len({line["chain"] for line in (one, two, three)}) == 3
    assert [line["seq"] for line in (one, two, three)] == [1, 1, 1]


def test_a_line_that_is_torn_is_no_part_of_the_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is one that failed; the next record has their number."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:20]))
    with pytest.raises(AuditError):
        sink.write({"n": 2})
    monkeypatch.setattr(os, "write", write)
    sink.write({"n": 3})

    report = verify_files([path])
    last = json.loads(path.read_bytes().splitlines()[-1])

    assert (report.problems, [str(note.place) for note in report.notes]) == ((), [f"{path}:2"])
    assert (last["n"], last["seq"]) == (3, 2)


def test_a_line_that_only_lacks_its_end_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record is there: it is not refused, and the next one begins a line of its own."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:-1]))
    sink.write({"n": 1})
    monkeypatch.setattr(os, "write", write)
    sink.write({"n": 2})

    assert [(line["n"], line["seq"]) for line in lines_of(path)] == [(1, 1), (2, 2)]
    assert verify_files([path]).ok


def test_what_interrupts_a_write_begins_a_new_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the line was written can't be known then, and one number must not be there twice."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    write = os.write

    def interrupted(descriptor: int, data: bytes) -> int:
        write(descriptor, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sink.write({"n": 2})
    monkeypatch.setattr(os, "write", write)
    sink.write({"n": 3})

    one, two, three = lines_of(path)
    assert one["chain"] == two["chain"] != three["chain"]
    assert (three["seq"], three["after"]) == (1, two["hash"])
    assert verify_files([path]).ok


def test_a_file_that_was_moved_is_gone_on_from(tmp_path: Path) -> None:
    """The chain goes on; each file can be verified by itself, and both are one chain."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    sink.write({"n": 2})
    old = path.rename(tmp_path / "a.jsonl.1")
    sink.write({"n": 3})
    FileSink(path).write({"n": 4})

    three, four = lines_of(path)
    assert (three["continues"], three["seq"]) == (lines_of(old)[1]["hash"], 3)
    assert four["after"] == three["hash"]
    alone, both = verify_files([path]), verify_files([old, path])
    assert (alone.problems, [note.says for note in alone.notes]) == (
        (),
        ["it goes on from an earlier file, which wasn't read"],
    )
    assert (both.problems, both.notes, [(chain.lines, chain.seq) for chain in both.chains]) == (
        (),
        (),
        [(3, 3), (1, 1)],
    )
    assert [problem.kind for problem in verify_files([path, old]).problems] == ["inserted", "inserted"]


def test_a_new_process_goes_on_from_the_file_that_was_moved(tmp_path: Path) -> None:
    """Though the file that it begins is empty."""
    path = tmp_path / "a.jsonl"
    FileSink(path).write({"n": 1})
    old = path.rename(tmp_path / "a.jsonl.1")
    FileSink(path).write({"n": 2})

    assert lines_of(path)[0]["continues"] == lines_of(old)[0]["hash"]
    assert verify_files([old, path]).notes == ()


def test_a_file_that_was_emptied_is_gone_on_with(tmp_path: Path) -> None:
    """As logrotate does with `copytruncate`."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    copy = tmp_path / "copy"
    copy.write_bytes(path.read_bytes())
    path.write_bytes(b"")
    sink.write({"n": 2})

    assert verify_files([path]).ok
    assert verify_files([copy, path]).ok


def test_a_forked_process_has_a_chain_of_its_own(tmp_path: Path) -> None:
    """Even where another thread was just writing: its lock is no lock of the copy's."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write({"by": "parent"})
    with sink._lock:  # noqa: SLF001 -- as another thread would hold it
        child = os.fork()
        if child == 0:
            try:
                sink.write({"by": "child"})
                os._exit(0)
            finally:
                os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    sink.write({"by": "parent"})

    one, two, three = lines_of(path)
    assert [line["by"] for line in (one, two, three)] == ["parent", "child", "parent"]
    assert one["chain"] == three["chain"] != two["chain"]
    assert (one["seq"], two["seq"], two["after"], three["seq"]) == (1, 1, one["hash"], 2)
    assert verify_files([path]).ok


WRITE = """
import pathlib, sys
from policy_engine.audit import FileSink
sink = FileSink(pathlib.Path(sys.argv[1]))
sink.write({"n": -1})
print("ready", flush=True)
for n in range(10**9):
    sink.write({"n": n, "pad": "x" * 600})
"""


def test_a_log_whose_writers_were_killed_is_whole(tmp_path: Path) -> None:
    """`kill -9` in the middle of writing, two processes at once; a third goes on."""
    path = tmp_path / "a.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE) for _ in range(2)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        enough = path.stat().st_size + 500_000
        while path.stat().st_size < enough:
            time.sleep(0.001)
    finally:
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
            writer.communicate()
    FileSink(path).write({"n": 0})

    report = verify_files([path])

    assert report.problems == ()
    assert len(report.chains) == 3
    lines = [line for line in path.read_bytes().splitlines() if line]
    assert sum(chain.lines for chain in report.chains) == len(lines) - len(report.notes)


def test_a_full_disk_is_recovered_from(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: a record is torn, later ones are whole, and it verifies."""
    program = """
import pathlib, resource, signal, sys
from policy_engine.audit import FileSink
from policy_engine.errors import AuditError
sink = FileSink(pathlib.Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
failed = 0
for n in range(20):
    try:
        sink.write({"n": n, "pad": "x" * 100})
    except AuditError:
        failed += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
sink.write({"n": "after"})
print(failed)
"""
    path = tmp_path / "a.jsonl"
    found = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, timeout=60
    )

    report = verify_files([path])

    assert (found.stdout, found.stderr) == ("16\n", "")
    assert (report.problems, [chain.lines for chain in report.chains], len(report.notes)) == ((), [5], 1)
