"""Servers that take their time: one span covers all of a fetch, in a thread and in an event loop."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from policy_engine.tokens import AsyncHttpFetcher, Fetch, Fetched, FetchFailed, FetchResult, HttpFetcher

Get = Callable[..., FetchResult]

OK = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 2\r\n\r\n{}"

DRIPS = 30
"""A drip every 0.03 s: 0.9 seconds, much longer than what is waited for here, and then a good answer."""


class Dripping:
    """A server that sends some bytes again and again, and then the rest of a good answer."""

    def __init__(self, head: bytes, drop: bytes, tail: bytes, *, ask: bool = True) -> None:
        self._parts = head, drop, tail
        self._ask = ask
        self.hung_up = threading.Event()
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            try:
                self._answer(connection)
            except OSError:
                self.hung_up.set()

    def _answer(self, connection: socket.socket) -> None:
        head, drop, tail = self._parts
        if self._ask:
            connection.recv(4096)
        connection.sendall(head)
        for _ in range(DRIPS):
            connection.sendall(drop)
            if self._over.wait(0.03):
                return
        connection.sendall(tail)

    def close(self) -> None:
        """Stop."""
        self._over.set()
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def dripping() -> Iterator[Callable[..., Dripping]]:
    """Makes servers that drip."""
    made: list[Dripping] = []

    def make(*parts: bytes, **options: Any) -> Dripping:
        made.append(Dripping(*parts, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.mark.parametrize(
    ("head", "drop", "tail"),
    [
        (OK + b"X: ", b"a", b"\r\n" + END),
        (OK, b"X: a\r\n", END),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", OK + END),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n", OK + END),
        (b"HTTP/1.1 200 ", b"O", b"\r\n" + END),
        (OK + b"Content-Length: 42\r\n\r\n", b" ", b"{}"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", b"2\r\n{}\r\n0\r\n\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x", b"\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
    ],
    ids=["a header", "headers", "100", "103", "the status", "the body", "chunks", "a chunk's header"],
)
def test_a_server_that_drips_is_left(
    dripping: Callable[..., Dripping], get: Get, head: bytes, drop: bytes, tail: bytes
) -> None:
    """Each byte resets the timer of a read; the one that counts runs on, and nothing stays behind."""
    server = dripping(head, drop, tail)
    before = threading.enumerate()

    assert get(f"http://127.0.0.1:{server.port}/", timeout=0.2) == FetchFailed("timeout")
    assert server.hung_up.wait(1)
    assert set(threading.enumerate()) <= set(before)


@pytest.mark.parametrize(
    ("head", "drop", "tail"),
    [(OK + b"X: ", b"a", b"\r\n" + END), (b"", b"HTTP/1.1 100 Continue\r\n\r\n", OK + END)],
    ids=["a header", "100"],
)
def test_a_server_that_is_slow_but_in_time_is_heard(
    dripping: Callable[..., Dripping], get: Get, head: bytes, drop: bytes, tail: bytes
) -> None:
    """The same answers are good ones, if somebody waits for them."""
    server = dripping(head, drop, tail)

    assert get(f"http://127.0.0.1:{server.port}/", timeout=20) == Fetched(200, b"{}")


def test_a_handshake_that_drips_is_left(dripping: Callable[..., Dripping], get: Get) -> None:
    """A TLS record of 16 KiB, byte by byte."""
    server = dripping(b"\x16\x03\x03\x40\x00", b"\x02", b"")

    assert get(f"https://127.0.0.1:{server.port}/", timeout=0.2) == FetchFailed("timeout")
    assert server.hung_up.wait(1)


def test_a_silent_server_times_out(site: Any, get: Get) -> None:
    """Nobody waits for long."""
    leave = threading.Event()
    site.put("/silent", b"")
    site.pages["/silent"].write = lambda _handler: leave.wait(10)

    assert get(site.url + "/silent", timeout=0.1) == FetchFailed("timeout")
    leave.set()


def test_a_server_that_takes_its_time_once_has_less_of_it_later(site: Any, get: Get) -> None:
    """Headers after 0.2 s and a body after 0.2 s more aren't an answer in 0.3 s."""
    leave = threading.Event()

    def write(handler: BaseHTTPRequestHandler) -> None:
        leave.wait(0.2)
        handler.wfile.write(OK + b"Content-Length: 2\r\n\r\n")
        leave.wait(0.2)
        handler.wfile.write(b"{}")

    site.put("/late", b"")
    site.pages["/late"].write = write

    assert get(site.url + "/late", timeout=0.3) == FetchFailed("timeout")
    assert get(site.url + "/late", timeout=5) == Fetched(200, b"{}")
    leave.set()


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the name `keys.example` stands for."""
    known: list[str] = []
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "keys.example":
            return resolve(host, port, *args, **options)
        return [found for address in known for found in resolve(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def swallowing(site: Any) -> Iterator[str]:
    """An address where the site's port takes no more connections, and says nothing about it."""
    port = site.server.server_port
    with socket.socket() as full:
        full.bind(("127.0.0.2", port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(("127.0.0.2", port))
        yield "127.0.0.2"
        for each in waiting:
            each.close()


def fetch(url: str, **options: Any) -> FetchResult:
    """Fetch in this thread."""
    return HttpFetcher(**options).fetch(Fetch(url))


def test_each_address_of_a_host_is_tried(site: Any, addresses: list[str]) -> None:
    """One that refuses, and one that swallows packets, leave the others their share of the time."""
    site.put("/", b"{}")
    url = f"http://keys.example:{site.server.server_port}/"
    addresses[:] = ["127.0.0.3", "127.0.0.1"]

    assert fetch(url) == Fetched(200, b"{}")

    addresses[:] = ["127.0.0.3", "127.0.0.4"]

    assert fetch(url) == FetchFailed("connection")


def test_an_address_that_swallows_packets_is_left(site: Any, addresses: list[str], swallowing: str) -> None:
    """It has its share of the time and no more, though it is named many times."""
    site.put("/", b"{}")
    url = f"http://keys.example:{site.server.server_port}/"
    addresses[:] = [swallowing] * 100

    assert fetch(url, timeout=0.2) == FetchFailed("timeout")

    addresses.append("127.0.0.1")

    assert fetch(url, timeout=2) == Fetched(200, b"{}")


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_time_that_runs_out_between_two_steps_is_over(
    secure_site: tuple[str, ssl.SSLContext], get: Get, steps: int
) -> None:
    """Before connecting, the handshake, the request or the answer; nothing stays open each time."""
    url, trusting = secure_site
    ticks = iter([0.0] * steps + [10.0] * 10)

    assert get(url, ssl_context=trusting, clock=lambda: next(ticks)) == FetchFailed("timeout")


def test_a_fetch_that_is_given_up_leaves_nothing_open(dripping: Callable[..., Dripping]) -> None:
    """A caller that goes away in the middle of a handshake takes the connection along."""
    server = dripping(b"\x16\x03\x03\x40\x00", b"\x02", b"")

    async def run() -> bool:
        fetcher = AsyncHttpFetcher()
        task = asyncio.create_task(fetcher.fetch(Fetch(f"https://127.0.0.1:{server.port}/")))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait([task])
        return await asyncio.to_thread(server.hung_up.wait, 1)

    assert asyncio.run(run())
