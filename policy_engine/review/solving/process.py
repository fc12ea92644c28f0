"""One worker process: asked within a time, ended when that is over, and started anew when it is needed."""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock, Timer
from typing import Any, Self

from policy_engine.review.solving import worker
from policy_engine.review.solving.answers import Unknown, UnknownReason

__all__ = ["PROGRAM", "Process"]

PROGRAM: tuple[str, ...] = (sys.executable, "-P", worker.__file__)
"""By its path, and without the working directory on Python's: the folder of a review may hold anything."""

_LONGEST = 64 * 1024 * 1024
"""Bytes of an answer."""

_MISSING = "the solver isn't installed: pip install 'policy-engine[prove]'"


class Process:
    """A worker.

    Args:
        memory: bytes that it may take.
        program: what to run.
    """

    def __init__(self, *, memory: int, program: Sequence[str] = PROGRAM) -> None:
        self._command = [*program, str(memory)]
        self._running: subprocess.Popen[bytes] | None = None
        self._asked = 0
        self._lock = Lock()
        self._closed = False

    def ask(self, script: str, names: Sequence[str], seconds: float) -> dict[str, Any] | Unknown:
        """Have a script run, and say what the worker answers.

        Args:
            script: SMT-LIB.
            names: those of the terms that it asks the values of.
            seconds: of the wall clock.
        """
        self._asked += 1
        question = {"number": self._asked, "script": script, "ask": list(names), "seconds": seconds}
        try:
            process = self._started()
        except OSError as error:
            return Unknown(UnknownReason.solver_crashed, f"the solver can't be started: {error.strerror}")
        if process is None:
            return Unknown(UnknownReason.solver_crashed, "nobody waits for the answer any more")
        with _Deadline(process, seconds) as deadline:
            line = _exchange(process, json.dumps(question).encode() + b"\n")
        told = None if deadline.over else _read(line, self._asked)
        return self._failed(process, line, late=deadline.over) if told is None else told

    def close(self) -> None:
        """End it for good."""
        with self._lock:
            self._closed = True
        self._end()

    def _started(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._running is None and not self._closed:
                # A session of its own: an interrupt from the keyboard is for us, and we end it.
                self._running = subprocess.Popen(  # noqa: S603 -- our own program
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            return self._running

    def _end(self) -> None:
        with self._lock:
            process, self._running = self._running, None
        if process is None:
            return
        process.kill()
        for pipe in filter(None, (process.stdin, process.stdout)):
            with suppress(OSError):  # what it never read
                pipe.close()
        process.wait()

    def _failed(self, process: "subprocess.Popen[bytes]", line: bytes, *, late: bool) -> Unknown:
        """End it, and say what happened."""
        status = None if line else _status(process)
        self._end()
        if late:
            return Unknown(UnknownReason.timeout, "the solver was ended when its time was over")
        if status == worker.MISSING:
            return Unknown(UnknownReason.solver_missing, _MISSING)
        how = "answered what isn't an answer" if status is None else f"ended with status {status}"
        return Unknown(UnknownReason.solver_crashed, f"the solver {how}")


class _Deadline:
    """Ends a process when its time is over, unless this was left before.

    Attributes:
        over: whether it did.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self.over = False
        self._left = False
        self._process = process
        self._lock = Lock()
        self._timer = Timer(seconds, self._reach)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Begin to count."""
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """From now on it can't be too late."""
        with self._lock:
            self._left = True
        self._timer.cancel()

    def _reach(self) -> None:
        with self._lock:
            if not self._left:
                self.over = True
                self._process.kill()


def _exchange(process: "subprocess.Popen[bytes]", question: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:  # never: both are pipes
        return b""
    try:
        process.stdin.write(question)
        process.stdin.flush()
        return process.stdout.readline(_LONGEST)
    except (OSError, ValueError):  # it ended before it had read all, or we closed it meanwhile
        return b""


def _read(line: bytes, number: int) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("number") == number else None


def _status(process: "subprocess.Popen[bytes]") -> int | None:
    """How it ended; None if it still runs."""
    try:
        return process.wait(0.5)
    except subprocess.TimeoutExpired:
        return None
