"""Has the command line imported, and forks for each command; `commands` starts it, and says what for.

python command_server.py PLACE    listens there until its standard input ends
"""

import json
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from policy_engine.cli import main

Command = tuple[list[str], str, dict[str, str], list[int]]
"""Arguments, folder, environment, and descriptors of input, output and errors."""


def accept(listener: socket.socket) -> tuple[socket.socket, Command | None]:
    """The next client, and what it wants; None if it ended before it had said so."""
    connection, _ = listener.accept()
    try:
        return connection, receive(connection)
    except ValueError:
        connection.close()
        return connection, None


def receive(connection: socket.socket) -> Command:
    """What a client wants to be run."""
    head, descriptors, _, _ = socket.recv_fds(connection, 4, 3)
    left, parts = int.from_bytes(head, "big"), []
    while left and (part := connection.recv(left)):
        parts.append(part)
        left -= len(part)
    arguments, folder, environment = json.loads(b"".join(parts))
    return arguments, folder, environment, descriptors


def leave(selector: selectors.BaseSelector, *sockets: socket.socket) -> None:
    """Have nothing to do with serving any more."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    selector.close()
    for each in sockets:
        each.close()


def become(command: Command) -> None:
    """Make this process, which was forked a moment ago, one that a shell has started."""
    arguments, folder, environment, descriptors = command
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["policy-engine", *arguments]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- for as long as the process lasts
    for number, name in ((1, "stdout"), (2, "stderr")):
        errors = "strict" if number == 1 else "backslashreplace"
        stream = open(number, "w", encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        stream.reconfigure(line_buffering=number == 2 or stream.isatty())
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def serve(listener: socket.socket) -> Command | None:
    """Fork for whoever comes; return in each process that was forked, and at the end."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.settimeout(0)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake.fileno())
    selector = selectors.DefaultSelector()
    for each in (listener, woken, sys.stdin):
        selector.register(each, selectors.EVENT_READ)
    waiting: dict[int, socket.socket] = {}
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        if sys.stdin in ready:
            return None
        if woken in ready:
            woken.recv(4096)
            answer(waiting)
        if listener in ready:
            connection, command = accept(listener)
            if command is None:
                continue
            number = os.fork()
            if not number:
                leave(selector, woken, wake, listener, connection, *waiting.values())
                return command
            for descriptor in command[3]:
                os.close(descriptor)
            waiting[number] = connection
            tell(connection, number)


def answer(waiting: dict[int, socket.socket]) -> None:
    """Tell clients how their processes ended."""
    for number in [*waiting]:
        ended, status = os.waitpid(number, os.WNOHANG)
        if ended:
            with waiting.pop(number) as connection:
                tell(connection, os.waitstatus_to_exitcode(status))


def tell(connection: socket.socket, number: int) -> None:
    """Send a number to a client, unless it was killed."""
    with suppress(OSError):
        connection.sendall(number.to_bytes(4, "big", signed=True))


if __name__ == "__main__":
    with socket.socket(socket.AF_UNIX) as bound:
        place = Path(sys.argv[1])
        bound.bind(str(place.with_suffix(".new")))
        bound.listen(64)
        place.with_suffix(".new").rename(place)
        wanted = serve(bound)
    if wanted is not None:
        become(wanted)
        main()
