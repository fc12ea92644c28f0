"""What authorization costs at the gateway: requests a second, and how much later answers come.

The peer is the same gateway in front of the same server, that lets everything through as it came. Each call
has other arguments; tokens, and what policies say of them, have been seen before. Each decision is recorded
in a file.
"""

import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

from policy_engine.jose import SigningKey, sign
from tests.benchmarks.issuing import _process
from tests.benchmarks.running import run
from tests.benchmarks.table import Row

PART = "gateway"
AT_ONCE, REQUESTS, ROUNDS = 8, 800, 21
"""Connections, requests a round over all of them, and rounds."""

OPEN, OURS = "the gateway, authorization off", "the gateway"

RESOURCE, AS = "https://mcp.example.com/github", "https://as.example.com"
POLICIES = """
@id("session") @kinds("both") permit (principal, action in Action::"session", resource);
@id("ci") permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.token.scopes.contains("issues:write") && context.arguments.repo like "acme/*" };
@id("harmless") forbid (principal is Client, action in Action::"destructive", resource)
unless { action == Action::"github/create_issue" };
"""
TEXT = {"type": "string"}
TOOL = {
    "name": "create_issue",
    "inputSchema": {"type": "object", "properties": {"repo": TEXT, "title": TEXT}, "required": ["repo"]},
}

_SERVER = str(Path(__file__).with_name("gateway_server.py"))


def measure(requests: int = REQUESTS, rounds: int = ROUNDS) -> Iterator[Row]:
    """Both gateways in turn, each in a process of its own, before one server."""
    key = SigningKey.generate("ES256")
    with ExitStack() as stack:
        config = _written(Path(stack.enter_context(tempfile.TemporaryDirectory())), key)
        python = [sys.executable, _SERVER]
        upstream = stack.enter_context(_process(python, "null"))
        told = {"config": str(config), "upstream": f"http://127.0.0.1:{upstream}/mcp"}
        ports = {
            what: stack.enter_context(_process(python, json.dumps({**told, "guarded": what == OURS})))
            for what in (OPEN, OURS)
        }
        token = _token(key)
        rates: dict[str, list[float]] = {what: [] for what in ports}
        late: dict[str, list[float]] = {what: [] for what in ports}
        for port in ports.values():
            _asked(port, token, min(requests, 200))
        for _ in range(rounds):
            for what, port in ports.items():
                rate, times = _asked(port, token, requests)
                rates[what].append(rate)
                late[what].append(quantiles(times, n=100)[98] * 1000)
    yield Row(part=PART, what=OPEN, value=median(rates[OPEN]), unit="requests a second")
    ratio = median(a / b for a, b in zip(rates[OURS], rates[OPEN], strict=True))
    yield Row(
        part=PART,
        what=OURS,
        value=median(rates[OURS]),
        unit="requests a second",
        peer=OPEN,
        ratio=ratio,
        at_least=0.8,
    )
    for what in ports:
        yield Row(part=PART, what=f"{what}, 99th percentile", value=median(late[what]), unit="ms")


def _asked(port: int, token: str, requests: int) -> tuple[float, list[float]]:
    """Requests a second over some connections, and the seconds that each took."""
    head = (
        f"POST /github HTTP/1.1\r\nHost: mcp.example.com\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    )
    texts = []
    for number in range(requests):
        arguments = {"repo": "acme/app", "title": f"number {number}"}
        params = {"name": "create_issue", "arguments": arguments}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        texts.append(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    times: list[float] = []
    threads = [threading.Thread(target=_ask, args=(port, texts[n::AT_ONCE], times)) for n in range(AT_ONCE)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return requests / (time.perf_counter() - started), times


def _ask(port: int, texts: list[bytes], times: list[float]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for text in texts:
            started = time.perf_counter()
            connection.sendall(text)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65536)
            times.append(time.perf_counter() - started)
            assert answer.startswith(b"HTTP/1.1 200"), answer


def _token(key: SigningKey) -> str:
    now = int(time.time())
    claims = {
        "iss": AS,
        "aud": RESOURCE,
        "exp": now + 3600,
        "iat": now,
        "jti": "1",
        "sub": "ci-bot",
        "client_id": "ci-bot",
        "scope": "issues:write",
        "gty": "client_credentials",
        "sub_profile": "service",
    }
    return sign(claims, key, typ="at+jwt")


def _written(folder: Path, key: SigningKey) -> Path:
    machines = {
        "issuer": AS,
        "profile": "policy-engine",
        "keys": {"jwks": {"keys": [key.public_jwk()]}},
        "clients": {"ci-bot": {"grants": ["client_credentials"]}},
    }
    (folder / "policies.cedar").write_text(POLICIES)
    file = folder / "policy-engine.yaml"
    file.write_text(
        json.dumps(
            {
                "version": 1,
                "servers": {
                    "github": {
                        "resource": RESOURCE,
                        "catalogue": {"tools": [{"reviewed": True, "item": TOOL}]},
                    }
                },
                "issuers": {"machines": machines},
                "policies": "policies.cedar",
                "audit": {"file": "audit.jsonl"},
            }
        )
    )
    return file


if __name__ == "__main__":
    run(measure)
