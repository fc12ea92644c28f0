"""audit: nothing is decided unseen."""

import io
import json
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from policy_engine.audit import AuditTrail, FileSink, ListSink, NullSink, StreamSink
from policy_engine.errors import AuditError
from policy_engine.model import ALLOWED, Decision

CHAIN = re.compile(
    r',(?:"(?:after|continues)":"[0-9a-f]{64}",)?"chain":"[A-Za-z0-9_-]{11}","seq":[0-9]+,"hash":"[0-9a-f]{64}"\}$',
    re.MULTILINE,
)


def text_of(path: Path) -> str:
    """What a file holds, without what chains its lines."""
    return CHAIN.sub("}", path.read_text())


ALLOW = Decision(code=ALLOWED, forward=b"{}", server="github", time=1.0)


def test_a_file_gets_one_line_a_decision_and_is_private(tmp_path: Path) -> None:
    """JSON lines, readable by the owner only."""
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path)

    sink.write({"n": 1, "text": "line\nbreak\u2028"})
    sink.write({"n": 2})
    sink.close()

    assert [json.loads(line) for line in text_of(path).split("\n")[:-1]] == [
        {"n": 1, "text": "line\nbreak\u2028"},
        {"n": 2},
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_many_threads_never_tear_a_line(tmp_path: Path) -> None:
    """Every record of every thread is there, whole."""
    sink = FileSink(tmp_path / "audit.jsonl")

    def write_many(n: int) -> None:
        for i in range(200):
            sink.write({"n": n, "i": i, "pad": "x" * 500})

    threads = [threading.Thread(target=write_many, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seen = {(r["n"], r["i"]) for r in map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())}
    assert seen == {(n, i) for n in range(4) for i in range(200)}


@pytest.mark.parametrize("on_failure", ["deny", "allow"])
def test_a_sink_that_fails_follows_the_rule(tmp_path: Path, on_failure: str) -> None:
    """`deny` turns even an allowed request into a refusal; `allow` lets it stand."""
    trail = AuditTrail(sink=FileSink(tmp_path / "missing" / "audit.jsonl"), on_failure=on_failure)  # type: ignore[arg-type] # parametrize gives str

    decision = trail.record(ALLOW)

    expected = {"deny": (False, "audit_failed", None), "allow": (True, "allowed", b"{}")}
    assert (decision.allowed, decision.code, decision.forward) == expected[on_failure]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_refuses() -> None:
    """A device that takes no bytes is a failed sink."""
    assert AuditTrail(sink=FileSink(Path("/dev/full"))).record(ALLOW).code == "audit_failed"


def test_a_file_that_fails_heals_itself(tmp_path: Path) -> None:
    """Once the folder is back, records are written again."""
    sink = FileSink(tmp_path / "logs" / "audit.jsonl")
    with pytest.raises(AuditError):
        sink.write({"n": 1})
    (tmp_path / "logs").mkdir()

    sink.write({"n": 2})

    assert text_of(tmp_path / "logs" / "audit.jsonl") == '{"n":2}\n'


def test_a_file_that_was_rotated_away_is_begun_anew(tmp_path: Path) -> None:
    """After a rename, records go into a new file of the old name."""
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    path.rename(tmp_path / "audit.jsonl.1")

    sink.write({"n": 2})
    sink.write({"n": 3})

    assert text_of(tmp_path / "audit.jsonl.1") == '{"n":1}\n'
    assert text_of(path) == '{"n":2}\n{"n":3}\n'


def test_a_torn_line_spoils_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a short write the next record starts on a line of its own."""
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with pytest.raises(AuditError):
        sink.write({"n": 1})
    monkeypatch.setattr(os, "write", write)

    sink.write({"n": 2})

    assert text_of(path) == '{"n\n{"n":2}\n'


def test_an_unfinished_line_of_another_process_spoils_only_itself(tmp_path: Path) -> None:
    """A process that starts on a torn file begins a line of its own."""
    path = tmp_path / "audit.jsonl"
    path.write_text('{"n":0}\n{"n')

    FileSink(path).write({"n": 1})

    assert text_of(path) == '{"n":0}\n{"n\n{"n":1}\n'


def test_a_close_that_fails_is_not_tried_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network file systems report a full disk when a file is closed."""
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path)
    sink.write({"n": 1})
    path.rename(tmp_path / "old")
    close = os.close

    def failing(descriptor: int) -> None:
        close(descriptor)
        raise OSError(5, "EIO")

    monkeypatch.setattr(os, "close", failing)
    sink.write({"n": 2})
    sink.write({"n": 3})

    assert text_of(path) == '{"n":2}\n{"n":3}\n'


def test_a_sink_that_raises_anything_is_a_failed_sink() -> None:
    """A sink of somebody else's can't make `evaluate` raise."""

    class Broken:
        def write(self, _record: object) -> None:
            raise RuntimeError("broken")

    assert AuditTrail(sink=Broken()).record(ALLOW).code == "audit_failed"
    assert AuditTrail(sink=Broken(), on_failure="allow").record(ALLOW) is ALLOW


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    """A record is the operating system's when `write` returns."""
    path = tmp_path / "audit.jsonl"
    program = (
        "import os, signal, sys, pathlib; from policy_engine.audit import FileSink\n"
        "FileSink(pathlib.Path(sys.argv[1])).write({'n': 1})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )

    subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)

    assert text_of(path) == '{"n":1}\n'


def test_a_stream_gets_the_line_and_a_closed_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output by default, any text stream by choice."""
    StreamSink().write({"n": 1})
    closed = io.StringIO()
    closed.close()

    assert capsys.readouterr().out == '{"n":1}\n'
    with pytest.raises(AuditError):
        StreamSink(closed).write({"n": 1})


def test_a_recorded_decision_is_returned_as_it_was() -> None:
    """The trail changes nothing when the sink works."""
    sink = ListSink()

    assert AuditTrail(sink=sink).record(ALLOW) is ALLOW
    assert AuditTrail(sink=NullSink()).record(ALLOW) is ALLOW
    assert sink.records == [ALLOW.to_dict()]
