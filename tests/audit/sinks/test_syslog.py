"""Records sent to a syslog server: RFC 5424, in datagrams or in frames with their length."""

import json
import os
import re
import socket
from contextlib import closing
from pathlib import Path

import pytest

from policy_engine.audit import AuditTrail, SyslogAddress, SyslogSink
from policy_engine.errors import AuditError
from policy_engine.model import ALLOWED, Decision

RECORD = {"time": 1_790_000_000.25, "decision": "allow", "status": 200, "text": "line\nbreak"}
LINE = re.compile(r"<(\d+)>1 (\S+) (\S+) (\S+) (\d+) (\S+) - (.*)", re.DOTALL)


def datagrams(family: int) -> socket.socket:
    """A socket that takes datagrams."""
    taker = socket.socket(family, socket.SOCK_DGRAM)
    taker.settimeout(10)
    return taker


def test_a_record_is_the_message_of_a_line(tmp_path: Path) -> None:
    """Over a Unix socket, with the facility, the severity and the time of the decision."""
    path = str(tmp_path / "log")
    with datagrams(socket.AF_UNIX) as server:
        server.bind(path)
        with closing(SyslogSink(SyslogAddress(kind="unix", host=path), app_name="gate way")) as sink:
            sink.write(RECORD)
            sink.write({**RECORD, "decision": "deny", "status": 403})
            sink.write({**RECORD, "decision": "deny", "status": 503, "time": None})
            sink.write({"event": "token_request", "time": 0})
            lines = [server.recv(65536).decode() for _ in range(4)]

    found = [match.groups() for match in map(LINE.fullmatch, lines) if match]
    host = re.sub(r"[^!-~]", "_", socket.gethostname())
    assert [line[:-1] for line in found] == [
        ("110", "2026-09-21T14:13:20.250000Z", host, "gate_way", str(os.getpid()), "decision"),
        ("109", "2026-09-21T14:13:20.250000Z", host, "gate_way", str(os.getpid()), "decision"),
        ("108", "-", host, "gate_way", str(os.getpid()), "decision"),
        ("110", "1970-01-01T00:00:00.000000Z", host, "gate_way", str(os.getpid()), "token_request"),
    ]
    assert json.loads(found[0][-1]) == RECORD


def test_a_record_is_a_datagram_over_udp() -> None:
    """Of the facility that was chosen."""
    with datagrams(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        address = SyslogAddress(kind="udp", host="127.0.0.1", port=server.getsockname()[1])
        with closing(SyslogSink(address, facility="local7")) as sink:
            sink.write(RECORD)
            assert server.recv(65536).startswith(b"<190>1 ")


def frame(connection: socket.socket) -> bytes:
    """One frame with its length before it (RFC 6587 section 3.4.1)."""
    stream = connection.makefile("rb")
    digits = b""
    while (byte := stream.read(1)) != b" ":
        digits += byte
    return stream.read(int(digits))


def test_a_connection_that_the_server_ends_is_opened_anew() -> None:
    """The record that comes next isn't lost in the old one."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(10)
        address = SyslogAddress(kind="tcp", host="127.0.0.1", port=server.getsockname()[1])
        with closing(SyslogSink(address)) as sink:
            sink.write(RECORD)
            first, _ = server.accept()
            with first:
                assert json.loads(frame(first).split(b" - ", 1)[1]) == RECORD
            sink.write({**RECORD, "n": 2})
            second, _ = server.accept()
            with second:
                assert json.loads(frame(second).split(b" - ", 1)[1]) == {**RECORD, "n": 2}


@pytest.mark.parametrize("on_failure", ["deny", "allow"])
def test_a_server_that_is_down_follows_the_rule_and_is_found_again(
    on_failure: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a restart, and without waiting for it at each decision meanwhile."""
    allow = Decision(code=ALLOWED, forward=b"{}", server="github", time=1.0)
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    sink = SyslogSink(SyslogAddress(kind="tcp", host="127.0.0.1", port=port))
    sink._rest._clock = lambda: clock[0]  # noqa: SLF001 -- instead of waiting
    trail = AuditTrail(sink=sink, on_failure=on_failure)  # type: ignore[arg-type] # parametrize gives str

    with closing(trail):
        codes = [trail.record(allow).code for _ in range(3)]
        with closing(socket.create_server(("127.0.0.1", port))):
            codes.append(trail.record(allow).code)
            clock[0] = 1.5
            codes.append(trail.record(allow).code)

    failed = {"deny": "audit_failed", "allow": "allowed"}[on_failure]
    done = {"deny": "are refused", "allow": "stand unrecorded"}[on_failure]
    assert codes == [failed] * 4 + ["allowed"]
    assert caplog.messages == [
        f"decisions can't be recorded, and {done}: the syslog server didn't take the record",
        "decisions are recorded again; 4 were not",
    ]


def test_a_record_that_is_no_datagram_is_a_failed_one() -> None:
    """Nothing is cut off without a word."""
    with datagrams(socket.AF_INET) as server:
        server.bind(("127.0.0.1", 0))
        address = SyslogAddress(kind="udp", host="127.0.0.1", port=server.getsockname()[1])
        with closing(SyslogSink(address)) as sink, pytest.raises(AuditError):
            sink.write({"pad": "x" * 70_000})
