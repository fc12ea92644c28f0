"""Where the record of a decision goes: one JSON line each."""

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TextIO

from policy_engine.errors import AuditError

__all__ = ["AuditSink", "FileSink", "ListSink", "NullSink", "StreamSink"]

Record = Mapping[str, Any]


class AuditSink(Protocol):
    """Takes the record of one decision, or raises AuditError."""

    def write(self, record: Record) -> None:
        """Keep one record; when it returns, the record has left this process."""
        ...


class NullSink:
    """Keeps nothing: for tests, benchmarks, and programs that record decisions themselves."""

    def write(self, record: Record) -> None:
        """Forget one record."""


class ListSink:
    """Keeps records in memory, for tests."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, record: Record) -> None:
        """Append one record."""
        self.records.append(record)


class StreamSink:
    """Writes to an open text stream, standard output if none is given."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        """Write one line and flush it.

        Raises:
            AuditError: the stream didn't take it.
        """
        stream = self._stream or sys.stdout
        try:
            with self._lock:
                stream.write(_line(record))
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise AuditError("audit_failed", "the stream didn't take the record") from error


class FileSink:
    """Appends to a file; one that it makes can be read by its owner only.

    Each record is one `write` to a file opened with O_APPEND, so that several processes may share it without
    tearing lines, and the operating system has it when `write` returns. A write that fails half-way (a full
    disk) is ended by a newline before the next record, so one bad line never spoils two. A file that was
    renamed or removed (log rotation) is left, and a new one is begun; one that another process left in the
    middle of a line is gone on with in a line of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._torn = False

    def write(self, record: Record) -> None:
        """Append one line.

        Raises:
            AuditError: the file can't be opened, or didn't take the whole line.
        """
        data = _line(record).encode()
        with self._lock:
            try:
                descriptor = self._opened()
                if self._torn:
                    os.write(descriptor, b"\n")
                    self._torn = False
                if os.write(descriptor, data) != len(data):
                    self._torn = True
                    raise OSError("short write")  # noqa: TRY301 -- a short write is handled as a failed one
            except OSError as error:
                self._close()
                raise AuditError("audit_failed", f"`{self._path}` didn't take the record") from error

    def close(self) -> None:
        """Close the file; a later record opens it again."""
        with self._lock:
            self._close()

    def _opened(self) -> int:
        if self._descriptor is not None and not self._is_at_path(self._descriptor):
            self._close()
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o600)
            size = os.fstat(self._descriptor).st_size
            self._torn = size > 0 and _byte_before(self._descriptor, size) != b"\n"
        return self._descriptor

    def _is_at_path(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        # Forgotten first: a close that fails (a network file system) mustn't be tried for ever.
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _byte_before(descriptor: int, position: int) -> bytes:
    try:
        return os.pread(descriptor, 1, position - 1)
    except OSError:  # a pipe or a device has no positions, and no unfinished lines of others
        return b"\n"


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"
