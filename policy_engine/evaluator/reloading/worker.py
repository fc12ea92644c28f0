"""The process that checks policies, as the one that decides sees it: bounded in time, and gone at the end."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from policy_engine.errors import ConfigError
from policy_engine.evaluator.reloading.frames import frame, plain_frames
from policy_engine.evaluator.reloading.work import READY

__all__ = ["Worker", "Workplace"]

_BOOT = """\
import json, os, sys
output = os.dup(1)
os.dup2(2, 1)
if hasattr(os, "nice"):
    os.nice(10)
sys.path[:] = json.loads(sys.stdin.buffer.readline())
from policy_engine.evaluator.reloading.child import main
main(output)
"""
"""Standard output is given away before anything is imported that could print; those who decide go first."""

_OLD_SET = "the policies loaded before stay in force; reload again, with more memory if it lacked some"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where, and how long.

    Attributes:
        python: the interpreter; empty where there is none, as in a frozen program.
        to_start: seconds.
        to_check: seconds, and as many more for each policy.
    """

    python: str = "" if getattr(sys, "frozen", False) else sys.executable or ""
    to_start: float = 60.0
    to_check: tuple[float, float] = (60.0, 0.02)


class Worker:
    """A child that was started; use it as a context manager.

    Args:
        process: the child, its input and output piped.
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._input, self._output = _piped(process.stdin), _piped(process.stdout)
        self._timer: threading.Timer | None = None
        self._late = False
        self._said = plain_frames(self._output)

    @classmethod
    def start(cls, place: Workplace) -> "Worker | None":
        """Start one; None if that can't be done here: what is embedded, or frozen, has no interpreter."""
        if not Path(place.python).name.lower().startswith(("python", "pypy")):
            return None
        command = [place.python, "-I", "-c", _BOOT]
        try:
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter, our own words
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            return None
        worker = cls(process)
        if worker._answers(place.to_start):
            return worker
        worker.end()
        return None

    def _answers(self, seconds: float) -> bool:
        self.limit(seconds)
        path = json.dumps([os.path.abspath(folder) for folder in sys.path])  # noqa: PTH100 -- may be no path
        try:
            self._input.write(path.encode() + b"\n")
            self._input.flush()
            return next(self._said, None) == READY
        except (OSError, ValueError):
            return False

    def limit(self, seconds: float) -> None:
        """Let it go on for so long from now, and no longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._stop)
        self._timer.daemon = True
        self._timer.start()

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def send(self, piece: tuple[Any, ...]) -> None:
        """Hand it a piece of its work.

        Raises:
            ConfigError: it is gone.
        """
        try:
            self._input.write(frame(piece))
            self._input.flush()
        except OSError:
            raise self.gone() from None

    def sent(self) -> None:
        """Say that this was all.

        Raises:
            ConfigError: it is gone.
        """
        try:
            self._input.close()
        except OSError:
            raise self.gone() from None

    def answers(self) -> Iterator[tuple[Any, ...]]:
        """What it finds, until it has no more to say.

        Raises:
            ConfigError: it is gone, or what it says isn't what it should.
        """
        try:
            for piece in self._said:
                if piece[0] == "failed":
                    raise ConfigError(f"the process that checks policies failed: {piece[1]}", remedy=_OLD_SET)
                yield piece
        except (OSError, ValueError):
            raise self.gone() from None
        raise self.gone()

    def gone(self) -> ConfigError:
        """Why there is no answer."""
        if self._late:
            return ConfigError("the process that checks policies took too long", remedy=_OLD_SET)
        return ConfigError("the process that checks policies ended before it was done", remedy=_OLD_SET)

    def end(self) -> None:
        """Make an end of it, whatever it does."""
        if self._timer is not None:
            self._timer.cancel()
        self._process.kill()
        for pipe in (self._input, self._output):
            try:
                pipe.close()
            except OSError:  # what was left to write has no reader
                continue
        self._process.wait()

    def __enter__(self) -> Self:
        """The same."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.end()


def _piped(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 -- it was asked for
    return pipe
