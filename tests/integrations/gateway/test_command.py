"""`policy-engine serve gateway` as a process: how it begins, what signals do, how it ends."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.integrations.gateway.conftest import POLICIES, Heard, Site, call, rpc, write

DONE = {"jsonrpc": "2.0", "id": 7, "result": {}}
COMMAND = [sys.executable, "-m", "policy_engine", "serve", "gateway"]


def eventually(told: Callable[[], bool]) -> bool:
    """Whether something comes to hold within a few seconds."""
    end = time.monotonic() + 30
    while not told() and time.monotonic() < end:
        time.sleep(0.05)
    return told()


@contextmanager
def running(site: Site, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, once it has said where it listens."""
    with (
        (site.folder / "log").open("w") as log,
        subprocess.Popen(
            [*COMMAND, "--listen", site.base.removeprefix("http://"), *options],
            cwd=site.folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "SESSION_KEY": "A" * 42 + "E"},
        ) as process,
    ):
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline(), process.stdout.readline()]
            assert lines[1:] == [f"listening at {site.base}\n"], (site.folder / "log").read_text()
            yield process
        finally:
            process.kill()


@pytest.fixture
def made(tmp_path: Path, upstream: Heard) -> Site:
    """A configuration for a free port."""
    import socket  # noqa: PLC0415 -- here alone

    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    site = Site(folder=tmp_path, base=base)
    write(site, {"github": upstream.says(DONE).url}, session_key={"env": "SESSION_KEY"})
    return site


def test_it_heeds_signals(made: Site, upstream: Heard) -> None:
    """SIGHUP loads anew what can be used; SIGTERM ends streams, and lets calls end."""
    with running(made) as process:
        assert made.ask(None, b"", path="/readyz", method="GET").json() == {"status": "ready"}
        assert made.ask(made.machine(), call()).status_code == 200

        (made.folder / "policies.cedar").write_text(POLICIES.partition('@id("machines")')[0])
        process.send_signal(signal.SIGHUP)
        assert eventually(lambda: made.ask(made.machine(), call()).status_code == 403)

        (made.folder / "policies.cedar").write_text("permit (")
        process.send_signal(signal.SIGHUP)
        log = made.folder / "log"
        assert eventually(lambda: "stays in force" in log.read_text())
        assert made.ask(made.machine(), call()).status_code == 403
        assert made.ask(made.machine(), rpc("ping")).status_code == 200

        event = b'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'
        upstream.answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", event, 60.0)
        headers = {"authorization": f"Bearer {made.machine()}", "accept": "text/event-stream"}
        with (
            ThreadPoolExecutor() as threads,
            httpx2.Client(trust_env=False, timeout=20) as client,
            client.stream("GET", f"{made.base}/github", headers=headers) as stream,
        ):
            parts = stream.iter_raw()
            assert next(parts) == event
            asked = len(upstream.heads)
            upstream.answers(0.7, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", close=False)
            asking = threads.submit(made.ask, made.machine(), rpc("ping"))
            assert eventually(lambda: len(upstream.heads) > asked)
            process.send_signal(signal.SIGTERM)
            assert b"".join(parts) == b""
            assert asking.result(20).content == b"{}"
        assert process.wait(10) == 0
    assert "Traceback" not in log.read_text()


def test_several_workers_serve_one_port(made: Site) -> None:
    """Each reloads; one that is killed is replaced; all end with the one that started them."""
    with running(made, "--workers", "2") as process:
        for _ in range(10):
            assert eventually(lambda: made.ask(made.machine(), rpc("ping")).status_code == 200)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = [pid for pid in map(int, children.read_text().split()) if _serves(pid)]
        assert len(workers) == 2

        (made.folder / "policies.cedar").write_text(POLICIES.partition('@id("machines")')[0])
        process.send_signal(signal.SIGHUP)
        assert eventually(lambda: {made.ask(made.machine(), call()).status_code for _ in range(8)} == {403})
        os.kill(workers[0], signal.SIGKILL)
        assert eventually(lambda: made.ask(made.machine(), rpc("ping")).status_code == 200)
        process.kill()
        process.wait(10)
        assert eventually(lambda: not any(map(_serves, workers)))


def _serves(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_check_says_what_is_wrong_and_serves_nothing(made: Site, upstream: Heard) -> None:
    """Of the file, and of what it names."""

    def check(*options: str, **env: str) -> tuple[int, str]:
        done = subprocess.run(
            [*COMMAND, *options],
            cwd=made.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, **env},
        )
        return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)

    good = check("--check", SESSION_KEY="A" * 42 + "E")
    assert good == (0, f"github: /github -> {upstream.url} the gateway could serve ")
    status, told = check("--check")
    assert (status, "the environment variable `SESSION_KEY` isn't set" in told) == (2, True)
    status, told = check("--listen", "0.0.0.0:0", SESSION_KEY="A" * 42 + "E")
    assert (status, "binds loopback addresses only" in told) == (2, True)
