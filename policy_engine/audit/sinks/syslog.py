"""A sink that sends records to a syslog server (RFC 5424): a Unix socket, UDP (RFC 5426) or TCP (RFC 6587).

Over UDP and a Unix socket a record is a datagram. Over TCP it is a frame with its length before it, octet
counting (RFC 6587 section 3.4.1). No server answers: what TCP took and the server never read is lost, and so
is what UDP dropped; whoever must not lose a record writes a file besides.
"""

import os
import re
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, cast

from policy_engine.audit.chain import encoded
from policy_engine.audit.sinks.resting import Rest
from policy_engine.audit.sinks.sink import Record
from policy_engine.errors import AuditError

__all__ = ["FACILITIES", "SyslogAddress", "SyslogSink"]

FACILITIES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "user": 1,
        "daemon": 3,
        "auth": 4,
        "authpriv": 10,
        "audit": 13,
        **{f"local{n}": 16 + n for n in range(8)},
    }
)
"""Names of facilities, and their numbers (RFC 5424 section 6.2.1)."""

_WARNING, _NOTICE, _INFORMATIONAL, _UNAVAILABLE = 4, 5, 6, 503
_UNPRINTABLE: Final = re.compile(r"[^!-~]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogAddress:
    """Where a syslog server listens.

    Attributes:
        kind: `unix`, `udp` or `tcp`.
        host: name or address of its host; for `unix`, the path of the socket.
        port: its port; 0 for `unix`.
    """

    kind: str
    host: str
    port: int = 0

    def connect(self, timeout: float) -> socket.socket:
        """Open a socket to it, which waits for so many seconds at most.

        Raises:
            OSError: nobody listens.
        """
        if self.kind == "tcp":
            return socket.create_connection((self.host, self.port), timeout)
        family, where = socket.AF_UNIX, cast("Any", self.host)
        if self.kind == "udp":
            family, _, _, _, where = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.settimeout(timeout)
            opened.connect(where)
        except OSError:
            opened.close()
            raise
        return opened


class SyslogSink:
    """Sends each record as the message of a syslog line.

    A connection that broke is opened anew for the record that finds it so; a server that can't be reached
    isn't tried again for a second.

    Args:
        address: where the server listens.
        facility: a name of `FACILITIES`.
        app_name: what it calls this program.
        timeout: how long one record may take, in seconds.
    """

    def __init__(
        self,
        address: SyslogAddress,
        *,
        facility: str = "audit",
        app_name: str = "policy-engine",
        timeout: float = 2.0,
    ) -> None:
        self._address, self._timeout = address, timeout
        self._facility, self._app_name = FACILITIES[facility], _printable(app_name, 48)
        self._host = _printable(socket.gethostname(), 255)
        self._lock, self._rest = threading.Lock(), Rest()
        self._socket: socket.socket | None = None
        self._process = os.getpid()

    def write(self, record: Record) -> None:
        """Send one record.

        Raises:
            AuditError: nobody took it.
        """
        data = self._line(record).encode("ascii")
        if self._address.kind == "tcp":
            data = b"%d %b" % (len(data), data)
        with self._lock:
            if self._rest.lasts:
                raise AuditError("audit_failed", "the syslog server can't be reached")
            try:
                self._send(data)
            except OSError as error:
                self._rest.begin()
                raise AuditError("audit_failed", "the syslog server didn't take the record") from error

    def close(self) -> None:
        """Close the connection; a later record opens it again."""
        with self._lock:
            self._let_go()

    def _send(self, data: bytes) -> None:
        """Send over the connection that there is, and over a new one if that broke."""
        if self._process != os.getpid():  # two processes mustn't write into one stream
            self._let_go()
            self._process = os.getpid()
        if self._socket is not None and not _is_over(self._socket):
            try:
                self._socket.sendall(data)
            except OSError:
                self._let_go()
            else:
                return
        self._let_go()
        self._socket = self._address.connect(self._timeout)
        try:
            self._socket.sendall(data)
        except OSError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        opened, self._socket = self._socket, None
        if opened is not None:
            with suppress(OSError):
                opened.close()

    def _line(self, record: Record) -> str:
        """`<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID - MSG` (RFC 5424 section 6)."""
        priority = self._facility * 8 + _severity(record)
        kind = _printable(str(record.get("event", "decision")), 32)
        names = f"{self._host} {self._app_name} {os.getpid()} {kind}"
        return f"<{priority}>1 {_time(record.get('time'))} {names} - {encoded(record)}"


def _severity(record: Record) -> int:
    if record.get("status") == _UNAVAILABLE:
        return _WARNING
    return _NOTICE if record.get("decision") == "deny" else _INFORMATIONAL


def _time(seconds: Any) -> str:  # noqa: ANN401 -- what a record holds
    """Six digits of a second at most, as RFC 5424 section 6.2.3 has it; `-` if it isn't known."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except (TypeError, ValueError, OverflowError, OSError):
        return "-"


def _printable(text: str, most: int) -> str:
    return _UNPRINTABLE.sub("_", text)[:most] or "-"


def _is_over(connection: socket.socket) -> bool:
    """Whether the server has ended a connection: what is sent next is then lost without a word."""
    if connection.type != socket.SOCK_STREAM:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True
