"""Streams of events: each at once, for as long as its token and the policies allow, and no longer."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.integrations.gateway.conftest import POLICIES, Heard, MakeSite, Site, call, rpc, write

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
EVENT = b'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'


def endless(upstream: Heard) -> Heard:
    """Events, one in 20 ms, until nobody listens."""

    def act(connection: socket.socket) -> None:
        connection.sendall(EVENTS)
        while True:
            connection.sendall(EVENT)
            time.sleep(0.02)

    upstream.act = act
    return upstream


@contextmanager
def stream(site: Site, token: str, method: str = "GET") -> Iterator[Iterator[bytes]]:
    """An open stream, of a session or of an answer."""
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream, application/json"}
    with (
        httpx2.Client(trust_env=False, timeout=10) as client,
        client.stream(
            method, f"{site.base}/github", headers=headers, json=call() if method == "POST" else None
        ) as answer,
    ):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        yield answer.iter_raw()


def rest_of(parts: Iterator[bytes]) -> tuple[bytes, float]:
    """What still comes, and how many seconds that takes."""
    before = time.monotonic()
    return b"".join(parts), time.monotonic() - before


def test_an_event_goes_out_when_it_comes(site: MakeSite, upstream: Heard) -> None:
    """While the server thinks about the next one; neither a session's stream nor an answer is gathered."""
    made = site({"github": upstream.answers(EVENTS, EVENT, 0.6, EVENT, 0.3).url})
    for method in ("GET", "POST"):
        with stream(made, made.machine(), method) as parts:
            before = time.monotonic()
            assert next(parts) == EVENT
            assert time.monotonic() - before < 0.4
            assert next(parts) == EVENT
            assert time.monotonic() - before > 0.5
            assert rest_of(parts)[0] == b""


def test_a_stream_ends_with_its_token(site: MakeSite, upstream: Heard) -> None:
    """Within a second, cleanly: the client opens it anew, and is asked for a token."""
    made = site({"github": endless(upstream).url})
    for method in ("GET", "POST"):
        made.later = 0
        token = made.machine()
        upstream.closed.clear()
        with stream(made, token, method) as parts:
            assert next(parts).startswith(EVENT)
            made.later = 10_000
            rest, seconds = rest_of(parts)
            assert (rest.replace(EVENT, b""), seconds < 2) == (b"", True)
        assert upstream.closed.wait(5)
        assert made.ask(token, rpc("ping")).status_code == 401
        assert made.records()[-2]["code"] == "expired_token"


def test_a_stream_ends_when_its_client_is_disabled(site: MakeSite, upstream: Heard) -> None:
    """And when policies no longer allow it; one of somebody else goes on."""
    made = site({"github": endless(upstream).url})
    with stream(made, made.machine()) as parts, stream(made, made.human()) as others:
        assert next(parts).startswith(EVENT)
        forbidden = '@id("off") forbid (principal == Client::"machines/ci-bot", action, resource);'
        write(made, {"github": upstream.url}, POLICIES + forbidden)
        made.engine.reload()
        rest, seconds = rest_of(parts)
        assert (rest.replace(EVENT, b""), seconds < 2) == (b"", True)
        assert made.records()[-1]["code"] == "forbidden"
        for _ in range(20):
            assert next(others) != b""


def test_a_caller_that_goes_ends_what_was_asked(site: MakeSite, upstream: Heard) -> None:
    """A stream, and a call that is waited for."""
    made = site({"github": endless(upstream).url})
    with stream(made, made.machine()) as parts:
        next(parts)
    assert upstream.closed.wait(5)

    upstream.closed.clear()

    def wait(connection: socket.socket) -> None:
        connection.settimeout(8)
        assert connection.recv(1) == b""

    upstream.act = wait
    head = f"POST /github HTTP/1.1\r\nHost: {made.base[7:]}\r\nAuthorization: Bearer {made.machine()}\r\n"
    body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    asked = len(upstream.heads)
    with socket.create_connection(("127.0.0.1", int(made.base.rpartition(":")[2]))) as connection:
        more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + more.encode() + body)
        end = time.monotonic() + 5
        while len(upstream.heads) == asked and time.monotonic() < end:
            time.sleep(0.01)
    assert upstream.closed.wait(5)


def test_a_server_that_goes_in_the_middle_ends_the_stream(site: MakeSite, upstream: Heard) -> None:
    """Half of an event is none; what comes after a silence isn't waited for."""
    made = site({"github": upstream.url}, timeouts={"idle": 0.4})
    chunked = EVENTS[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    for parts in (
        (EVENTS, EVENT, b"data: half"),
        (chunked, b"%x\r\n%s\r\n" % (len(EVENT), EVENT)),
        (EVENTS, EVENT, 3.0),
    ):
        upstream.answers(*parts)
        with stream(made, made.machine()) as got:
            rest, seconds = rest_of(got)
        assert (rest, seconds < 2) == (EVENT, True)


def test_lists_on_a_resumed_stream_are_cut_too(site: MakeSite, upstream: Heard) -> None:
    """An answer may come by another stream than the one that it was asked on."""
    listed = b'{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"delete_repository","inputSchema":{}}]}}'
    made = site({"github": upstream.answers(EVENTS, b"id: 4\ndata: " + listed + b"\n\n").url})
    with stream(made, made.machine()) as parts:
        told = b"".join(parts)
    assert told.startswith(b"id: 4\n")
    assert b"delete_repository" not in told
