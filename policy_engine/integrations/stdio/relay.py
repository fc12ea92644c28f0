"""The processes of a passage: the server is started, its lines are carried, and it never outlives its client.

Threads, since standard input may be a pipe, a terminal or a file, and an event loop waits for some of these
alone.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.integrations.stdio.lines import Pen, lines
from policy_engine.integrations.stdio.passage import Passage
from policy_engine.mcp import MAX_ANSWER, MAX_BYTES

__all__ = ["relay"]

_MOST_OF_SERVER: Final = 4 * MAX_ANSWER
"""Bytes of a line of the server: results may hold pictures."""

_GRACE: Final = 5.0
"""Seconds for a server to end once its input is closed, and again once it was told to."""

_A_MOMENT: Final = 0.2
"""Seconds for a thread that writes to come to its end; one that nobody reads from is left to wait."""

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)

_FAILED: Final = 2
"""Exit status where the relay itself couldn't go on, as of any command that can't be carried out."""

_BY_SIGNAL: Final = 128
"""Added to the number of the signal that ended a server, as shells have it."""

Said = Callable[[str], None]


def relay(
    passage: Passage,
    command: Sequence[str],
    *,
    incoming: int = 0,
    outgoing: int = 1,
    grace: float = _GRACE,
    say: Said = lambda _: None,
) -> int:
    """Start a server, and carry lines until it ends; call it from the main thread.

    Args:
        passage: decides on each line.
        command: starts the server. What it says on standard error goes where ours does.
        incoming: the descriptor that the client writes to.
        outgoing: the descriptor that the client reads from.
        grace: seconds for the server to end once its input is closed, and again once it was told to.
        say: is told what an operator should know.

    Returns:
        The exit status of the server; 128 and the signal that ended it; 2 if the relay had to stop.

    Raises:
        ConfigError: the server can't be started.
    """
    with _signals_forwarded() as forwards:
        process = _started(command)
        forwards(process)
        return _Relay(passage, process, incoming, outgoing, say).run(grace)


class _Relay:
    """One run of a server."""

    def __init__(
        self, passage: Passage, process: "subprocess.Popen[bytes]", incoming: int, outgoing: int, say: Said
    ) -> None:
        assert process.stdin is not None  # noqa: S101 -- it was asked for
        assert process.stdout is not None  # noqa: S101 -- likewise
        self._passage = passage
        self._process = process
        self._incoming = incoming
        self._said = process.stdout
        self._to_server = Pen(os.dup(process.stdin.fileno()))
        process.stdin.close()
        self._to_client = Pen(os.dup(outgoing))
        self._say = say
        self._news: SimpleQueue[str] = SimpleQueue()
        self._failed = False

    def run(self, grace: float) -> int:
        """Carry lines until the server has ended, and give its exit status."""
        self._thread(self._carry_from_client, "client")
        carrying = self._thread(self._carry_from_server, "server")
        self._thread(self._wait, "wait")
        try:
            if self._news.get() != "ended":
                self._end(grace)
        finally:
            self._process.wait()
            carrying.join(grace)  # what it has said is still told; others may hold its output open
            self._to_server.close(seconds=_A_MOMENT)
            self._to_client.close(seconds=_A_MOMENT)
            if not carrying.is_alive():
                self._said.close()
        if self._failed:
            return _FAILED
        status = self._process.returncode
        return status if status >= 0 else _BY_SIGNAL - status

    def _thread(self, work: Callable[[], None], name: str) -> threading.Thread:
        def works() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 -- whatever it is, nothing more is carried
                self._stop(f"a bug: {type(error).__name__}")

        thread = threading.Thread(target=works, name=f"policy-engine-{name}", daemon=True)
        thread.start()
        return thread

    def _wait(self) -> None:
        self._process.wait()
        self._news.put("ended")

    def _end(self, grace: float) -> None:
        """Close its input, and end it where that isn't enough (MCP 2025-11-25, Lifecycle, Shutdown)."""
        closing = threading.Thread(target=self._to_server.close, daemon=True)
        closing.start()  # a thread may be waiting for a server that doesn't read
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            if self._has_ended(grace):
                return
            _send(self._process, number)

    def _has_ended(self, seconds: float) -> bool:
        with suppress(Empty):
            while self._news.get(timeout=seconds) != "ended":
                pass
            return True
        return False

    def _carry_from_client(self) -> None:
        with suppress(OSError):  # one of the two has gone, which `_wait` or the next line tells
            for line in lines(self._incoming, MAX_BYTES):
                carried = self._passage.too_long() if line is None else self._passage.from_client(line)
                self._tell(carried.note)
                if carried.back is not None:
                    self._to_client.write(carried.back)
                if carried.on is not None:
                    self._to_server.write(carried.on)
        self._news.put("gone")

    def _carry_from_server(self) -> None:
        with suppress(OSError):
            for line in lines(self._said.fileno(), _MOST_OF_SERVER):
                if line is None:
                    self._stop("the server said a line that is too long")
                    break
                carried = self._passage.from_server(line)
                self._tell(carried.note)
                if carried.back is not None:
                    self._to_server.write(carried.back)
                if carried.on is not None:
                    self._to_client.write(carried.on)
        self._news.put("gone")  # one that says nothing more has no use

    def _stop(self, why: str) -> None:
        """Carry nothing more: whatever the server still does, nobody may have it."""
        self._failed = True
        self._say(f"{why}; the server is stopped")
        _send(self._process, signal.SIGTERM)
        self._news.put("failed")

    def _tell(self, note: str) -> None:
        if note:
            self._say(note)


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 -- what the operator gave
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its command can't be one"
        raise ConfigError(f"the server can't be started: {reason}", remedy="try it in a shell") from None


@contextmanager
def _signals_forwarded() -> Iterator[Callable[["subprocess.Popen[bytes]"], None]]:
    """Send the server what is sent to us; what comes before it is there, as soon as it is."""
    early: list[int] = []
    server: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        if server:
            _send(server[0], number)
        else:
            early.append(number)

    def started(process: "subprocess.Popen[bytes]") -> None:
        server.append(process)
        for number in early:
            _send(process, number)

    before = {number: signal.signal(number, forward) for number in _SIGNALS}
    try:
        yield started
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(process: "subprocess.Popen[bytes]", number: int) -> None:
    # Its session was made for it: this reaches the process, what it started in turn, and nothing else.
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
