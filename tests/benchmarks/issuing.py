"""What a token costs the authorization server, against the two signatures that it can't do without.

The peer verifies the same assertion by a key that is parsed already, and signs the same claims. Over HTTP it
is a Starlette endpoint that reads the body, does these two, and answers in JSON: no client is looked up, no
assertion remembered, nothing limited or recorded. Each request brings an assertion that nobody saw before.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from policy_engine.authserver import (
    AuthorizationServer,
    Catalogue,
    HttpRequest,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    ReplayStore,
    StaticKeys,
)
from policy_engine.authserver.stored import StoredReplayStore
from policy_engine.storage import ClientChange, open_store
from tests.benchmarks.issued import GITHUB, SCOPE, Keys
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Way, in_turn
from tests.benchmarks.world import Json

PART = "issuing"
AT_ONCE, REQUESTS, ROUNDS = 4, 800, 5
"""Connections, requests a round over all of them, and rounds."""

OURS = "the authorization server, SQLite"

_BARE = Path(__file__).with_name("bare_server.py")

TWO = "verify an assertion and sign a token"
BARE = "a bare Starlette endpoint doing so"


def measure(requests: int = REQUESTS, pace: Pace = PACE) -> Iterator[Row]:
    """In one process, and over HTTP."""
    yield from in_process(pace)
    yield from over_http(requests)


def in_process(pace: Pace) -> Iterator[Row]:
    """With assertions remembered in memory, and in a file."""
    issuer, keys = "https://as.example.com", Keys.new()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db")
        memory = _handler(issuer, keys, MemoryReplayStore(capacity=10**7, per_client=10**7))
        file = _handler(issuer, keys, StoredReplayStore(store, per_client=10**6))
        request = lambda: HttpRequest(  # noqa: E731 -- one expression
            method="POST",
            path="/token",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=keys.form(issuer),
        )
        ways = {
            TWO: Way(keys.both(), lambda: keys.assertion(issuer), 20),
            "issue a token, memory": Way(memory, request, 20),
            "issue a token, SQLite": Way(file, request, 20),
        }
        times = in_turn(ways, pace)
        store.close()
    yield Row(part=PART, what=TWO, value=times.median(TWO), unit="µs")
    for what, target in (("issue a token, memory", 1.5), ("issue a token, SQLite", 2.5)):
        ratio = times.ratio(what, TWO)
        yield Row(
            part=PART, what=what, value=times.median(what), unit="µs", peer=TWO, ratio=ratio, at_most=target
        )


def _handler(issuer: str, keys: Keys, replays: ReplayStore) -> Callable[[HttpRequest], None]:
    client = RegisteredClient(
        client_id="ci-bot",
        category="service",
        token_endpoint_auth_method="private_key_jwt",
        grant_types=("client_credentials",),
        jwks={"keys": [keys.client.public_jwk()]},
        resources=frozenset({GITHUB}),
        scopes=frozenset({SCOPE}),
    )
    server = AuthorizationServer(
        issuer=issuer,
        clients=MemoryClientRegistry([client]),
        keys=StaticKeys(keys.server),
        catalogue=Catalogue({GITHUB: [SCOPE]}),
        replay_store=replays,
        now=time.time,
    )

    def handle(request: HttpRequest) -> None:
        assert server.handle(request).status == 200

    return handle


def over_http(requests: int) -> Iterator[Row]:
    """Each server in a process of its own, asked in turn."""
    keys = Keys.new()
    with (
        tempfile.TemporaryDirectory() as name,
        _bare(keys) as bare,
        _ours(Path(name), keys) as (ours, issuer),
    ):
        rates: dict[str, list[float]] = {BARE: [], OURS: []}
        for _ in range(ROUNDS):
            for what, port in zip(rates, (bare, ours), strict=True):
                rates[what].append(_rate(port, [keys.form(issuer) for _ in range(requests)]))
    own, other = rates[OURS], rates[BARE]
    yield Row(part=PART, what=BARE, value=median(other), unit="requests a second")
    yield Row(
        part=PART,
        what=OURS,
        value=median(own),
        unit="requests a second",
        peer=BARE,
        ratio=median(a / b for a, b in zip(own, other, strict=True)),
        at_least=0.6,
    )


def _rate(port: int, bodies: list[bytes]) -> float:
    """Requests a second over some connections."""
    head = "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    texts = [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    threads = [threading.Thread(target=_ask, args=(port, texts[n::AT_ONCE])) for n in range(AT_ONCE)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(bodies) / (time.perf_counter() - started)


def _ask(port: int, texts: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for text in texts:
            connection.sendall(text)
            answer = b""
            while b"\r\n\r\n" not in answer or b"}" not in answer[-2:]:
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200"), answer


@contextmanager
def _bare(keys: Keys) -> Iterator[int]:
    with _process([sys.executable, str(_BARE)], json.dumps(_private(keys))) as port:
        yield port


@contextmanager
def _ours(folder: Path, keys: Keys) -> Iterator[tuple[int, str]]:
    issuer = "http://127.0.0.1:9102"
    plenty = {"per_second": 100_000, "burst": 1_000_000}
    values = {
        "version": 1,
        "development": True,
        "servers": {"github": {"resource": GITHUB}},
        "issuers": {"machines": {"issuer": issuer, "profile": "policy-engine"}},
        "authserver": {
            "issuer": issuer,
            "store": "store.db",
            "key_encryption": {"file": "authserver.key"},
            "scopes": {"github": [SCOPE]},
            "rate_limits": {"client": plenty, "source": plenty},
        },
        "policies": [],
    }
    (folder / "policy-engine.yaml").write_text(json.dumps(values))
    store = open_store(f"sqlite:///{folder}/store.db")
    document = {
        "client_id": "ci-bot",
        "category": "service",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [keys.client.public_jwk()]},
        "resources": [GITHUB],
        "scope": SCOPE,
    }
    store.clients.change(
        [ClientChange(client_id="ci-bot", document=document)], expected_version=None, now=time.time()
    )
    store.close()
    program = Path(sys.executable).with_name("policy-engine")
    command = [str(program), "serve", "authserver", "-c", str(folder / "policy-engine.yaml"), "--port", "0"]
    with _process(command, "") as port:
        yield port, issuer


@contextmanager
def _process(command: list[str], told: str) -> Iterator[int]:
    """A server that says where it listens in its first line."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(told + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        port = int(line.split("127.0.0.1:")[1].split(",")[0].split()[0])
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.05)
        try:
            yield port
        finally:
            process.terminate()


def _private(keys: Keys) -> Json:
    return {"client": keys.client.to_jwk(), "server": keys.server.to_jwk()}


if __name__ == "__main__":
    run(measure)
