"""A sink that appends to a file: chained, signed where there is a key, moved aside when it is large."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from policy_engine.audit.chain import Chain, Tie, encoded
from policy_engine.audit.checkpoints import Checkpoints, checkpoint_record
from policy_engine.audit.rotation import Rotation, file_before, followed, move_aside
from policy_engine.audit.sinks.ends import ends_torn, last_hash_in, last_hash_of
from policy_engine.audit.sinks.processes import keep_in_mind
from policy_engine.audit.sinks.sink import Record
from policy_engine.errors import AuditError

__all__ = ["FileSink"]

_LOG: Final = logging.getLogger("policy_engine")
_LOOKS, _MOMENT = 3, 0.001
"""How often, and after how many seconds, a torn line is looked at again; what is taken for one wrongly gets
an empty line behind it."""

_REST: Final = 60.0
"""Seconds until a file that couldn't be moved aside is tried again, and between words on signing."""


class FileSink:
    """Appends to a file; one that it makes can be read by its owner only.

    Each record is one `write` to a file opened with O_APPEND, so that several processes may share it without
    tearing lines, and the operating system has it when `write` returns. A write that fails half-way (a full
    disk) is ended by a newline before the next record, so one bad line never spoils two. A file that was
    renamed or removed (log rotation) is left, and a new one is begun; one that another process left in the
    middle of a line is gone on with in a line of its own.

    The lines are a chain of this process's own (`chain`), which goes on from file to file; a process that was
    forked begins another, and so does one that can't know whether its last line was written.

    Args:
        path: the file.
        checkpoints: when the chain is signed; it isn't if this is left out.
        rotation: when the file is moved aside; it isn't if this is left out.
        now: the clock, in seconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        checkpoints: Checkpoints | None = None,
        rotation: Rotation | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        path = followed(path)
        self._path, self._name, self._now = path, os.fspath(path), now
        self._rule, self._rotation = checkpoints, rotation
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._descriptor: int | None = None
        self._file: tuple[int, int] | None = None
        self._end, self._torn = -1, False
        self._moved_at = self._unsigned_at = float("-inf")
        self._begin()
        keep_in_mind(self)

    def _begin(self) -> None:
        """A chain of this process's own."""
        self._chain, self._process = Chain(), os.getpid()
        self._tie: Tie | None = None
        self._unsigned, self._signed, self._certain = 0, False, True

    def write(self, record: Record) -> None:
        """Append one line.

        Raises:
            AuditError: the file can't be opened, or didn't take the whole line.
        """
        text = encoded(record)
        with self._lock:
            self._append(text)
            if self._rule is not None:
                if self._unsigned >= self._rule.lines or not self._signed:
                    self._sign()
                self._wait_to_sign()

    def close(self) -> None:
        """Sign what isn't signed yet, and close the file; a later record opens it again."""
        with self._lock:
            if self._unsigned and self._process == os.getpid():
                self._sign()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._let_go()

    def forked(self) -> None:
        """Forget what only the process that was copied has: its threads, and what they hold locked."""
        self._lock, self._timer = threading.Lock(), None

    def _append(self, text: str) -> None:
        try:
            descriptor = self._ready()
            self._put(descriptor, text)
        except OSError as error:
            self._let_go()
            raise AuditError("audit_failed", f"`{self._path}` didn't take the record") from error

    def _put(self, descriptor: int, text: str) -> None:
        """Write one line; the chain grows if the file took it."""
        line, hash_ = self._chain.next_line(text, self._tie)
        try:
            if self._torn:
                os.write(descriptor, b"\n")
                self._torn = False
            self._certain = False  # what interrupts this leaves it so
            written = os.write(descriptor, line)
        except OSError:
            self._certain = True
            raise
        self._torn = written != len(line)
        if written < len(line) - 1:
            self._certain = True
            raise OSError("short write")
        # Where only the end of the line is missing, the record is there.
        self._chain.grew(hash_)
        self._certain, self._tie = True, None
        self._unsigned += 1
        self._end += written

    def _ready(self) -> int:
        """The file to write to, and what is known of its end."""
        if self._process != os.getpid() or not self._certain:
            self._let_go()
            self._begin()
        descriptor, size = self._descriptor, -1
        if descriptor is not None:
            size = self._size()
            if self._rotation is not None and size >= self._rotation.size:
                self._move_aside(descriptor)
                size = self._size()
        if descriptor is None or size < 0:
            self._let_go()
            descriptor, size = self._open()
        if size != self._end:  # somebody else wrote, or it is new to us
            self._torn = ends_torn(descriptor, size)
            for _ in range(_LOOKS if self._torn else 0):  # somebody may be writing it just now
                time.sleep(_MOMENT)
                size = os.fstat(descriptor).st_size
                self._torn = self._torn and ends_torn(descriptor, size)
            if size < self._end and self._chain.seq:  # it was emptied: log rotation by copying
                self._tie = Tie("continues", self._chain.hash)
            self._end = size
        return descriptor

    def _size(self) -> int:
        """The size of the file that is open, in bytes; -1 if another one, or none, has its name by now."""
        try:
            found = os.stat(self._name)  # noqa: PTH116 -- once a record, and three times as fast
        except FileNotFoundError:
            return -1
        return found.st_size if (found.st_dev, found.st_ino) == self._file else -1

    def _open(self) -> tuple[int, int]:
        descriptor = os.open(self._name, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._descriptor = descriptor
        found = os.fstat(descriptor)
        same = self._file == (found.st_dev, found.st_ino) and found.st_size >= max(1, self._end)
        self._tie = self._tie_to(descriptor, found.st_size, same=same)
        self._file, self._end = (found.st_dev, found.st_ino), -1
        return descriptor, found.st_size

    def _tie_to(self, descriptor: int, size: int, *, same: bool) -> Tie | None:
        """What the first line from now on comes after; `same` is whether the last is in this very file."""
        if self._chain.seq:
            return Tie("after" if same else "continues", self._chain.hash)
        found = last_hash_in(descriptor, size)
        if found is not None:
            return Tie("after", found)
        before = None if size else file_before(self._path)
        hash_ = None if before is None else last_hash_of(before)
        return None if hash_ is None else Tie("continues", hash_)

    def _move_aside(self, descriptor: int) -> None:
        """Give the file another name, unless another process does, or just did."""
        rotation = self._rotation
        if rotation is None or time.monotonic() - self._moved_at < _REST:
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                if self._size() >= rotation.size:
                    if self._unsigned:
                        self._sign(descriptor)
                    move_aside(self._path, self._chain.id, self._now(), rotation.keep)
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        except BlockingIOError:  # another process is about to
            return
        except OSError as error:
            self._moved_at = time.monotonic()
            _LOG.error("the audit log can't be moved aside, and grows on: %s", error.strerror)

    def _sign(self, descriptor: int | None = None) -> None:
        """Append a checkpoint, to this file or where records go by now; one that fails is made later."""
        if self._rule is None:
            return
        try:
            if descriptor is None:
                descriptor = self._ready()
            if self._chain.seq == 0:  # begun anew meanwhile
                return
            self._put(descriptor, encoded(checkpoint_record(self._chain, self._rule)))
        except Exception as error:  # noqa: BLE001 -- the record is written, whatever the key does
            if time.monotonic() - self._unsigned_at >= _REST:
                self._unsigned_at = time.monotonic()
                _LOG.error("the audit log couldn't be signed: %s", type(error).__name__)
            return
        self._unsigned, self._signed = 0, True

    def _wait_to_sign(self) -> None:
        """Have what isn't signed signed in a while, though no record may come any more."""
        if self._rule is None or self._timer is not None or not self._unsigned:
            return
        timer = threading.Timer(self._rule.seconds, self._time_to_sign)
        timer.daemon = True
        timer.name = "policy-engine-audit"
        with suppress(RuntimeError):  # the interpreter is about to end: closing signs
            timer.start()
            self._timer = timer

    def _time_to_sign(self) -> None:
        with self._lock:
            self._timer = None
            if self._unsigned and self._process == os.getpid():
                self._sign()
                self._wait_to_sign()

    def _let_go(self) -> None:
        # Forgotten first: a close that fails (a network file system) mustn't be tried for ever.
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)
