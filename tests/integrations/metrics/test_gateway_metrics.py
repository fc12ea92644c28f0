"""`policy-engine serve gateway` as a process, with metrics: one that decides, and several."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.integrations.gateway.conftest import POLICIES, Site, call, rpc, scripted, write

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
EVENT = b'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'


def free_port() -> int:
    """A port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def counted(port: int, name: str) -> dict[tuple[str, ...], float]:
    """One metric, by the values of its labels in the order of their names; none yet if nobody answers."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def eventually(told: Callable[[], object], expected: object) -> object:
    """What comes to be told within some seconds."""
    end = time.monotonic() + 10
    while told() != expected and time.monotonic() < end:
        time.sleep(0.05)
    return told()


@contextmanager
def running(folder: Path, url: str, *options: str) -> Iterator[tuple[Site, int]]:
    """A gateway and the port of its metrics."""
    site, port = Site(folder=folder, base=f"http://127.0.0.1:{free_port()}"), free_port()
    write(site, {"github": url}, POLICIES, session_key={"env": "SESSION_KEY"})
    file = folder / "policy-engine.yaml"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"metrics": {"listen": f"127.0.0.1:{port}"}}))
    command = [sys.executable, "-m", "policy_engine", "serve", "gateway", *options]
    environment: Mapping[str, str] = {**os.environ, "SESSION_KEY": "A" * 42 + "E", "TMPDIR": str(folder)}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [*command, "--listen", site.base.removeprefix("http://")],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        ) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline() == f"listening at {site.base}\n", (folder / "log").read_text()
        yield site, port
        process.terminate()
        assert process.wait(20) == 0
    assert "Traceback" not in (folder / "log").read_text()


def test_what_all_processes_decide_is_counted_at_one_port(tmp_path: Path) -> None:
    """And nothing of it is left behind when they end."""
    with (
        scripted() as upstream,
        running(
            tmp_path,
            upstream.says({"jsonrpc": "2.0", "id": 7, "result": {}}).url,
            "--workers",
            "2",
        ) as (site, port),
    ):
        statuses = [site.ask(site.machine(), call()).status_code for _ in range(6)]
        statuses += [site.ask(None, rpc("ping")).status_code for _ in range(3)]
        found = counted(port, "policy_engine_decisions_total")
        generations = counted(port, "policy_engine_generation")

    assert statuses == [200] * 6 + [401] * 3
    assert found == {
        ("call_tool", "allowed", "Client", "github"): 6,
        ("none", "missing_token", "none", "github"): 3,
    }
    assert generations == {(): 1}
    assert [path.name for path in tmp_path.iterdir() if "metrics" in path.name] == []


def test_a_stream_is_counted_as_long_as_it_lasts(tmp_path: Path) -> None:
    """And who cut it: here its token, which expires."""

    def act(connection: socket.socket) -> None:
        connection.sendall(EVENTS)
        while True:
            connection.sendall(EVENT)
            time.sleep(0.05)

    with scripted() as upstream, running(tmp_path, upstream.url) as (site, port):
        upstream.act = act
        token = site.machine(exp=int(time.time()) - 28)  # leeway is 30 seconds
        headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
        with (
            httpx2.Client(trust_env=False, timeout=10) as client,
            client.stream("GET", f"{site.base}/github", headers=headers) as answer,
        ):
            parts = answer.iter_raw()
            assert next(parts).startswith(EVENT)
            during = counted(port, "policy_engine_streams")
            assert b"".join(parts).replace(EVENT, b"") == b""
        after = eventually(lambda: counted(port, "policy_engine_streams"), {("github",): 0})
        cut = counted(port, "policy_engine_streams_cut_total")

    assert (during, after) == ({("github",): 1}, {("github",): 0})
    assert cut == {("expired_token", "github"): 1}
