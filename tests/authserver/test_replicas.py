"""Two replicas on one PostgreSQL: what one of them did counts at the other."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import ASSERTION_TYPE, client_assertion
from policy_engine.jose import SigningKey, verify
from policy_engine.storage import ClientChange, open_store
from tests.plugins.postgres import Cluster, free_port

ISSUER, GITHUB = "http://127.0.0.1:9102", "https://mcp.example.com/github"
PROGRAM = Path(sys.executable).with_name("policy-engine")
WORKERS = 8


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """Running servers.

    Attributes:
        ports: where they listen.
        key: the private key of `ci-bot`.
        url: their store.
        folder: their configuration.
    """

    ports: tuple[int, ...]
    key: SigningKey
    url: str
    folder: Path

    def form(self, assertion: str) -> bytes:
        """A good request."""
        values = {
            "grant_type": "client_credentials",
            "resource": GITHUB,
            "scope": "issues:read",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return urlencode(values).encode()

    def ask(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, bytes]:
        """One request on a connection that stays open."""
        connection.request("POST", "/token", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def connection(self, number: int) -> http.client.HTTPConnection:
        """A connection to one of them."""
        return http.client.HTTPConnection("127.0.0.1", self.ports[number % len(self.ports)], timeout=30)

    def token(self, number: int) -> tuple[int, bytes]:
        """Ask one of them for a token with a new assertion."""
        body = self.form(client_assertion("ci-bot", ISSUER, self.key, time.time()))
        with closing(self.connection(number)) as connection:
            return self.ask(connection, body)

    def get(self, number: int, path: str) -> tuple[int, bytes]:
        """Read something from one of them."""
        with closing(self.connection(number)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()


def configure(folder: Path, url: str, **limits: object) -> None:
    """Write a project."""
    values = {
        "version": 1,
        "development": True,
        "servers": {"github": {"resource": GITHUB}},
        "issuers": {"machines": {"issuer": ISSUER, "profile": "policy-engine"}},
        "authserver": {
            "issuer": ISSUER,
            "store": url,
            "key_encryption": {"file": "authserver.key"},
            "scopes": {"github": ["issues:read"]},
            "events": {"file": "events.jsonl"},
            **limits,
        },
        "policies": [],
    }
    (folder / "policy-engine.yaml").write_text(json.dumps(values))


def _is_ready(port: int) -> bool:
    with suppress(OSError), closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """One server, until the end."""
    port = free_port()
    command = [
        str(PROGRAM),
        "serve",
        "authserver",
        "--port",
        str(port),
        "-c",
        str(folder / "policy-engine.yaml"),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            until = time.monotonic() + 30
            while not _is_ready(port):
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < until
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def replicas(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Two of them, and a client."""
    folder, url, key = (
        tmp_path_factory.mktemp("replicas"),
        postgres.new_database(),
        SigningKey.generate("ES256"),
    )
    generous = {"per_second": 100_000, "burst": 1_000_000}
    configure(folder, url, rate_limits={"client": generous, "source": generous, "failure_cost": 1})
    store = open_store(url)
    store.clients.change(
        [ClientChange(client_id="ci-bot", document=document(key))], expected_version=None, now=0.0
    )
    store.close()
    with serving(folder) as one, serving(folder) as two:
        yield Replicas(ports=(one, two), key=key, url=url, folder=folder)


def document(key: SigningKey) -> dict[str, object]:
    """The registration of `ci-bot`."""
    return {
        "client_id": "ci-bot",
        "category": "service",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials"],
        "jwks": {"keys": [key.public_jwk()]},
        "resources": [GITHUB],
        "scope": "issues:read",
    }


@pytest.mark.rules("AS-40")
@pytest.mark.parametrize("count", [800, pytest.param(10_000, marks=pytest.mark.long)])
def test_of_many_replays_at_two_replicas_one_gets_a_token(replicas: Replicas, count: int) -> None:
    """From eight workers at once, each on connections that stay open."""
    body = replicas.form(client_assertion("ci-bot", ISSUER, replicas.key, time.time(), lifetime=300))

    def work(number: int) -> Counter[int]:
        with closing(replicas.connection(number)) as connection:
            return Counter(replicas.ask(connection, body)[0] for _ in range(count // WORKERS))

    with ThreadPoolExecutor(WORKERS) as pool:
        found = sum(pool.map(work, range(WORKERS)), Counter[int]())
    assert found == {200: 1, 401: count - 1}


@pytest.mark.rules("AS-75")
def test_replicas_sign_with_one_key_that_both_publish(replicas: Replicas) -> None:
    """Each verifies by the keys of the other."""
    sets = [json.loads(replicas.get(number, "/jwks.json")[1]) for number in range(2)]
    assert sets[0] == sets[1]
    for number in range(2):
        status, answer = replicas.token(number)
        assert status == 200
        verify(json.loads(answer)["access_token"], sets[1 - number], ["ES256"])


def test_what_is_disabled_at_the_store_gets_nothing_at_either(replicas: Replicas) -> None:
    """A second or so later; and is enabled again likewise."""
    store = open_store(replicas.url)
    for enabled, expected in ((False, 401), (True, 200)):
        changed = {**document(replicas.key), "enabled": enabled}
        change = [ClientChange(client_id="ci-bot", document=changed)]
        store.clients.change(change, expected_version=None, now=time.time())
        until = time.monotonic() + 10
        while [replicas.token(number)[0] for number in range(2)] != [expected] * 2:
            assert time.monotonic() < until
            time.sleep(0.1)
    store.close()


def test_a_database_that_goes_away_is_told_and_comes_back(replicas: Replicas, postgres: Cluster) -> None:
    """503 meanwhile, without a token; the processes live on."""
    postgres.stop()
    try:
        status, answer = replicas.token(0)
        assert (status, json.loads(answer)["error"]) == (503, "server_error")
        assert [replicas.get(0, path)[0] for path in ("/healthz", "/readyz")] == [200, 503]
    finally:
        postgres.start()
    until = time.monotonic() + 20
    while [replicas.token(number)[0] for number in range(2)] != [200, 200]:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_neither_secrets_nor_tokens_are_recorded(replicas: Replicas) -> None:
    """Each request left a line, of one or the other replica."""
    status, answer = replicas.token(0)
    assert status == 200
    lines = (replicas.folder / "events.jsonl").read_text().splitlines()
    last = json.loads(lines[-1])
    assert (last["issued"], last["client_id"], last["method"]) == (True, "ci-bot", "private_key_jwt")
    text = "\n".join(lines)
    assert json.loads(answer)["access_token"].split(".")[2] not in text
    assert "eyJ" not in text


def test_the_private_half_of_no_key_is_in_the_store(replicas: Replicas) -> None:
    """Encrypted at rest; the file with the encryption key is its owner's alone."""
    store = open_store(replicas.url)
    (key,) = store.keys.all()
    store.close()
    assert "d" not in key.public_jwk
    assert b'"d"' not in key.sealed
    assert oct((replicas.folder / "authserver.key").stat().st_mode & 0o777) == "0o600"
    assert os.path.getsize(replicas.folder / "authserver.key") >= 43  # noqa: PTH202
