"""`policy-engine` for tests that start it often: a process that has it imported forks for each of them.

What a command does, prints and returns is what it does when it is started; only a second of imports isn't
repeated. Tests of how it starts, and of what its imports cost, start it themselves.
"""

import atexit
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

__all__ = ["command_path"]

_SECONDS = 60

_CLIENT = """\
#!{python} -IS
import json, os, signal, socket, sys

connection = socket.socket(socket.AF_UNIX)
connection.connect({place!r})
told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(connection, [len(told).to_bytes(4, "big")], [0, 1, 2])
connection.sendall(told)
number = int.from_bytes(connection.recv(4), "big")
for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(each, lambda it, _: os.kill(number, it))
status = int.from_bytes(connection.recv(4), "big", signed=True)
if status < 0:
    signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


@cache
def command_path() -> Path:
    """The program; what it talks to lasts as long as this process."""
    folder = Path(mkdtemp(prefix="policy-engine-command-"))
    place, program = folder / "place", folder / "policy-engine"
    program.write_text(_CLIENT.format(python=sys.executable, place=str(place)), "utf-8")
    program.chmod(0o755)
    server = Path(__file__).with_name("command_server.py")
    process = subprocess.Popen(
        [sys.executable, "-P", str(server), str(place)], stdin=subprocess.PIPE, start_new_session=True
    )
    atexit.register(_end, process, folder)
    until = time.monotonic() + _SECONDS
    while not place.exists():
        assert process.poll() is None, "the command line can't be imported"
        assert time.monotonic() < until, "the command line isn't imported in time"
        time.sleep(0.02)
    return program


def _end(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    process.communicate(timeout=_SECONDS)
    shutil.rmtree(folder)
