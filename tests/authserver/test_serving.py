"""The server over real HTTP: what it passes on, what it refuses before the application, and how it ends."""

import asyncio
import errno
import http.client
import json
import logging
import resource
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from policy_engine.authserver import AuthorizationServer, HttpResponse, IssuanceEvent, serve_loopback
from policy_engine.authserver.haste import BusyError
from policy_engine.authserver.serving.application import make_application
from policy_engine.errors import ConfigError, StorageError
from policy_engine.serving import (
    BoundedProtocol,
    Connections,
    TrustedProxies,
    listen,
    most_connections,
    serving,
)

FORM = ("Content-Type", "application/x-www-form-urlencoded")
FORM_LINE = b"Content-Type: application/x-www-form-urlencoded\r\n"
CLOSE = b"Connection: close\r\n"

MakeServer = Callable[..., AuthorizationServer]
Send = Callable[..., HttpResponse]


def connect(base: str) -> socket.socket:
    """A connection to a server."""
    parts = urlsplit(base)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)


def raw(base: str, text: bytes) -> bytes:
    """Send bytes as they are, and take all that comes back until the server closes."""
    with connect(base) as connection:
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def request(method: bytes, path: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    """A request after which the server closes."""
    return method + b" " + path + b" HTTP/1.1\r\nHost: here\r\n" + CLOSE + headers + b"\r\n" + body


class Served:
    """An application whose readiness and handler the test has in hand."""

    def __init__(self) -> None:
        self.check: Callable[[], None] = lambda: None
        self.base = ""

    def asked(self) -> None:
        """What the application calls: the check as it is then."""
        self.check()


@pytest.fixture
def applied(make_server: MakeServer) -> Iterator[Callable[..., Served]]:
    """Serve an application made with further arguments; `now` of its server may be given."""
    stack = []

    def make(*, now: Callable[[], float] = lambda: 1_800_000_000, **changes: object) -> Served:
        served = Served()
        listener = listen("127.0.0.1", 0)
        served.base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = make_server(issuer=served.base, development=True, now=now)
        application = make_application(server, check=served.asked, **changes)  # type: ignore[arg-type]
        context = serving(application, listener)
        context.__enter__()
        stack.append(context)
        return served

    yield make
    for context in stack:
        context.__exit__(None, None, None)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_documents_are_served(method: str, served: str, send: Send) -> None:
    """To HEAD with the length of a body, but without it; no answer says what serves it."""
    response = send(served, "/jwks.json?a=b", method=method)

    assert response.status == 200
    assert (response.body != b"") is (method == "GET")
    assert int(response.values("Content-Length")[0]) > 100
    assert response.values("Server") == ()


def test_no_body_follows_the_answer_to_head(served: str) -> None:
    """A client that keeps reading would take it for something else."""
    assert raw(served, request(b"HEAD", b"/jwks.json")).endswith(b"\r\n\r\n")


def test_answers_are_no_pages(served: str, send: Send) -> None:
    """A browser that is made to open one can do nothing with it."""
    for path in ("/jwks.json", "/nothing", "/healthz", "/readyz"):
        response = send(served, path, method="GET")
        assert response.values("Content-Security-Policy") == ("default-src 'none'; frame-ancestors 'none'",)
        assert response.values("Referrer-Policy") == ("no-referrer",)
        assert response.values("Strict-Transport-Security") == ()


def test_an_https_issuer_asks_for_https_from_now_on(make_server: MakeServer, send: Send) -> None:
    """RFC 6797; whoever ends TLS passes it on."""
    with serve_loopback(lambda _base: make_server(issuer="https://as.example.com")) as base:
        response = send(base, "/jwks.json", method="GET")

    assert response.values("Strict-Transport-Security") == ("max-age=31536000",)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "TOKEN"])
def test_any_method_is_answered_by_the_application(method: str, served: str, send: Send) -> None:
    """With 405 and JSON, and never with 501."""
    response = send(served, "/token", method=method)

    assert (response.status, response.values("Allow")) == (405, ("POST",))


@pytest.mark.parametrize(
    "path", [b"/%74oken", b"//token", b"/token/", b"/./token", b"*", b"http://here/%74oken"]
)
def test_a_path_counts_as_it_was_sent(path: bytes, served: str) -> None:
    """Nothing is decoded, merged or resolved, so that no proxy's rule for a path can be gone around."""
    answer = raw(served, request(b"POST", path, FORM_LINE + b"Content-Length: 0\r\n"))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b'{"error":"not_found"}')


@pytest.mark.parametrize("target", [b"http://elsewhere/jwks.json", b"HTTPS://here:1/healthz?a=b"])
def test_a_target_may_have_scheme_and_host(target: bytes, served: str) -> None:
    """RFC 9112 section 3.2.2; whose host it is doesn't matter."""
    assert raw(served, request(b"GET", target)).startswith(b"HTTP/1.1 200 ")


def test_a_header_that_comes_twice_is_seen_twice(served: str, events: list[IssuanceEvent]) -> None:
    """Merged, the two would be one malformed value, or one of them would win."""
    headers = FORM_LINE + FORM_LINE + b"Content-Length: 3\r\n"
    answer = raw(served, request(b"POST", b"/token", headers, b"a=b"))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert [event.reason for event in events] == ["media_type"]


def test_credentials_in_the_query_are_seen(served: str, send: Send, events: list[IssuanceEvent]) -> None:
    """The query comes as it was sent."""
    assert send(served, "/token?client%5Fsecret=x", headers=(FORM,), body=b"a=b").status == 400
    assert [event.reason for event in events] == ["credentials_in_query"]


@pytest.mark.parametrize("size", [64 * 1024 + 1, 900 * 1024])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_too_large_isnt_read(
    size: int, framing: str, served: str, events: list[IssuanceEvent]
) -> None:
    """The client is told, and so is the record, however its length is told."""
    body = b"a" * size
    chunked = framing == "chunks"
    header = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % size
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (size, body) if chunked else body
    answer = raw(served, request(b"POST", b"/token", FORM_LINE + header, sent))

    assert (answer[:13], [event.reason for event in events]) == (b"HTTP/1.1 413 ", ["body_too_large"])
    assert b"\r\nconnection: close\r\n" in answer.lower()
    assert answer.endswith(b'{"error":"invalid_request","error_description":"the body is too large"}')


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_just_small_enough_is_read(framing: str, served: str, events: list[IssuanceEvent]) -> None:
    """The limit itself is within."""
    body = b"a=" + b"a" * (64 * 1024 - 2)
    chunked = framing == "chunks"
    header = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: 65536\r\n"
    sent = b"8000\r\n" + body[:32768] + b"\r\n8000\r\n" + body[32768:] + b"\r\n0\r\n\r\n" if chunked else body
    answer = raw(served, request(b"POST", b"/token", FORM_LINE + header, sent))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert [event.reason for event in events] == ["missing_parameter"]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: -1",
        b"Content-Length: +5",
        b"Content-Length: 5, 6",
        b"Content-Length: ",
        b"Content-Length: 0x5",
    ],
)
def test_a_body_of_doubtful_length_is_refused(
    headers: bytes, served: str, events: list[IssuanceEvent]
) -> None:
    """Two readings of where a request ends are two requests (RFC 9112 section 6.3)."""
    text = b"POST /token HTTP/1.1\r\nHost: here\r\n" + FORM_LINE + headers + b"\r\n\r\n"
    answer = raw(served, text + b"5\r\na=b&c\r\n0\r\n\r\n")

    assert answer[:10] == b"HTTP/1.1 4" or answer[:10] == b"HTTP/1.1 5"
    assert answer.count(b"HTTP/1.1 ") == 1
    assert events == []


@pytest.mark.parametrize(
    "text",
    [
        b"POST\r\n\r\n",
        b"GET /jwks.json HTTP/1.1 more\r\n\r\n",
        b"GET /jwks.json HTTP/x\r\n\r\n",
        b"GET /jwks.json HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: here\r\n\r\n",
        b"GET /jwks.json HTTP/1.1\r\nHost: here\r\n" + b"A: b\r\n" * 20_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
    ],
)
def test_what_isnt_http_is_refused(text: bytes, served: str) -> None:
    """With 400, and the end of the connection."""
    with connect(served) as connection:
        connection.sendall(text[:60_000])
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_connection_carries_many_requests(served: str) -> None:
    """Keep-alive; what the first one sent is gone when the second is read."""
    connection = http.client.HTTPConnection(urlsplit(served).netloc, timeout=10)
    statuses = []
    for path, body in (("/token", b"a=b"), ("/token", b""), ("/jwks.json", b"")):
        connection.request("POST", path, body=body, headers=dict([FORM]))
        answer = connection.getresponse()
        statuses.append((answer.status, answer.read() != b""))
    connection.close()

    assert statuses == [(400, True), (400, True), (405, True)]


def test_an_answer_comes_in_one_piece(served: str) -> None:
    """Head and body are sent together: in parts, each would wait for the other side's acknowledgement."""
    with connect(served) as connection:
        for _ in range(20):
            connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n")
            assert connection.recv(65536).endswith(b'{"error":"not_found"}')


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"GET /",
        b"POST /token HTTP/1.1\r\nHost: here\r\n",
        request(b"POST", b"/token", b"Content-Length: 9\r\n"),
    ],
)
def test_slow_requests_are_given_up(
    begin: bytes, served: str, events: list[IssuanceEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though bytes keep trickling in: head and body have one deadline."""
    monkeypatch.setattr(BoundedProtocol, "seconds", 0.2)

    def trickle(connection: socket.socket) -> None:
        while time.monotonic() - began < 5:
            time.sleep(0.05)
            connection.sendall(b"a")

    with connect(served) as connection:
        connection.sendall(begin)
        began = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            trickle(connection)

    assert time.monotonic() - began < 2
    assert events == []


def test_a_request_behind_another_has_a_deadline_too(
    served: str, events: list[IssuanceEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes in one piece with the one before it isn't waited for without end."""
    monkeypatch.setattr(BoundedProtocol, "seconds", 0.2)
    first = b"GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n"
    answer = raw(served, first + request(b"POST", b"/token", FORM_LINE + b"Content-Length: 9\r\n", b"a"))

    assert answer.endswith(b'{"error":"not_found"}')
    assert events == []


def test_a_bug_is_a_refusal_and_is_named_without_its_message(
    make_server: MakeServer, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns nothing, the operator the type of the error; its message might quote the request."""

    def broken() -> float:
        raise RuntimeError("client_secret=hush")

    with (
        caplog.at_level(logging.INFO),
        serve_loopback(lambda base: make_server(issuer=base, development=True, now=broken)) as base,
    ):
        response = send(base, "/token", headers=(FORM,), body=b"client_secret=hush")

    assert (response.status, response.body) == (500, b'{"error":"server_error"}')
    assert [record.getMessage() for record in caplog.records] == ["a request failed: RuntimeError"]


def test_nothing_is_printed(served: str, send: Send, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither requests, nor what isn't one, nor connections that go away."""
    send(served, "/token?client_secret=hush", headers=(FORM,), body=b"client_secret=hush")
    raw(served, b"GET client_secret=hush\r\n\r\n")
    for text in (b"", b"GET", request(b"POST", b"/token", FORM_LINE + b"Content-Length: 9\r\n", b"a")):
        with connect(served) as connection:
            connection.sendall(text)

    assert send(served, "/healthz", method="GET").status == 200
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "", "10.0.0.1", "localhost", "::1", "example.com"])  # noqa: S104
def test_a_loopback_server_binds_loopback_only(host: str, make_server: MakeServer) -> None:
    """Names are refused too: what they stand for can change."""
    with pytest.raises(ConfigError) as caught, serve_loopback(lambda _base: make_server(), host=host):
        pass

    assert str(caught.value) == "the development server binds loopback addresses only (use 127.0.0.1)"


def test_it_takes_the_port_it_is_given(make_server: MakeServer, send: Send) -> None:
    """And lets go of it afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    for _ in range(2):
        with serve_loopback(lambda base: make_server(issuer=base, development=True), port=port) as base:
            assert base == f"http://127.0.0.1:{port}"
            assert send(base, "/jwks.json", method="GET").status == 200


def test_a_server_that_cant_be_made_frees_the_port() -> None:
    """The error of the maker is the caller's."""

    def fail(_base: str) -> AuthorizationServer:
        raise ConfigError("not today")

    with pytest.raises(ConfigError, match="not today"), serve_loopback(fail):
        pass


def test_what_is_being_answered_at_the_end_is_finished(applied: Callable[..., Served], send: Send) -> None:
    """A request that has begun gets its answer; see also the command's test, where SIGTERM ends it."""
    asked, answered = threading.Event(), []

    def slow() -> float:
        asked.set()
        time.sleep(0.5)
        return 1_800_000_000

    served = applied(now=slow, apart=True)
    thread = threading.Thread(
        target=lambda: answered.append(send(served.base, "/token", headers=(FORM,), body=b"a=b").status)
    )
    thread.start()
    assert asked.wait(5)
    thread.join(10)

    assert answered == [400]


@pytest.mark.parametrize("asked", [1000, 100_000])
@pytest.mark.parametrize("bite", [0, 1])
def test_answers_that_nobody_reads_are_given_up(
    asked: int, bite: int, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may send, and never read, or a byte now and then: it is told that nothing is held for it.

    A thousand requests are all taken in by the server; of a hundred thousand most are never read by it.
    """
    monkeypatch.setattr(BoundedProtocol, "seconds", 0.3)
    parts = urlsplit(served)
    with socket.socket() as connection:
        # Before it connects: a window that shrinks later makes the system overlook the reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((str(parts.hostname), int(parts.port or 0)))
        connection.settimeout(0)
        connection.send(b"GET /jwks.json HTTP/1.1\r\nHost: here\r\n\r\n" * asked)
        ended = select.poll()
        ended.register(connection, 0)
        began = time.monotonic()
        while not ended.poll(50):
            assert time.monotonic() - began < 60
            with suppress(BlockingIOError):
                connection.recv(bite)


def test_whoever_asks_is_answered_however_many_are_silent(
    served: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has waited longest makes room; one source gets no more than a part."""
    made: list[Connections] = []
    enter = Connections.enter

    def small(self: Connections, connection: BoundedProtocol, loop: asyncio.AbstractEventLoop) -> None:
        made.append(self)
        monkeypatch.setattr(self, "_most", 8)
        monkeypatch.setattr(self, "_of_one", 100 if not few else 2)
        enter(self, connection, loop)

    few = False
    monkeypatch.setattr(Connections, "enter", small)
    silent = [connect(served) for _ in range(20)]
    assert send(served, "/healthz", method="GET").status == 200
    closed = [each.recv(1) for each in silent[:12]]
    few = True
    more = connect(served)
    turned_away = more.recv(1)
    for each in (*silent, more):
        each.close()

    assert closed == [b""] * 12
    assert turned_away == b""


def test_a_thread_begins_anew_where_the_loop_cant_wait(
    applied: Callable[..., Served], make_server: MakeServer, send: Send, events: list[IssuanceEvent]
) -> None:
    """With one answer and one event."""

    class Locked:
        def arrived(self, _source: str, _now: float) -> float:
            raise BusyError

    served = applied(hasty=make_server(rate_limiter=Locked()))

    assert send(served.base, "/token", headers=(FORM,), body=b"a=b").status == 400
    assert [event.reason for event in events] == ["missing_parameter"]


def test_that_no_connection_can_be_taken_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The loop would tell it, with a traceback, for each that it tries to take."""

    class Known:
        peer = "192.0.2.1"

        def give_up(self) -> None:
            """Stay."""

    loop = asyncio.new_event_loop()
    Connections(8, TrustedProxies()).enter(Known(), loop)
    full = OSError(errno.EMFILE, "Too many open files")
    for _ in range(100):
        loop.call_exception_handler({"message": "accept", "exception": full, "socket": None})
    loop.close()

    assert [record.getMessage() for record in caplog.records] == ["no connection can be taken: EMFILE"]


def test_connections_leave_file_descriptors_for_the_rest() -> None:
    """Of as many as this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert most_connections(raised=False) <= max(16, soft - 64)


# --- health ------------------------------------------------------------------------------------


def test_readiness_is_more_than_life(
    applied: Callable[..., Served], send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    """A process without its store lives, and isn't ready; why not is the operator's to know."""
    served = applied()

    def fail() -> None:
        raise StorageError("the database failed: password=hush")

    answers = []
    for check in (served.check, fail, served.check):
        served.check = check
        for path in ("/healthz", "/readyz"):
            response = send(served.base, path, method="GET")
            answers.append((response.status, json.loads(response.body)["status"]))

    alive, ready, unavailable = (200, "alive"), (200, "ready"), (503, "unavailable")
    assert answers == [alive, ready, alive, unavailable, alive, ready]
    assert [record.getMessage() for record in caplog.records] == [
        "not ready: StorageError: storage_unavailable"
    ]


def test_a_store_that_hangs_leaves_the_process_alive(applied: Callable[..., Served], send: Send) -> None:
    """Requests wait in threads of their own, and whoever asks for life is answered at once."""
    release = threading.Event()

    def hang() -> float:
        release.wait(20)
        return 1_800_000_000

    served = applied(now=hang, apart=True)

    def hang_too() -> None:
        hang()

    served.check = hang_too
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(send(served.base, "/token", headers=(FORM,), body=b"a=b").status)
        )
        for _ in range(12)
    ]
    try:
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        began = time.monotonic()
        assert send(served.base, "/healthz", method="GET").status == 200
        assert time.monotonic() - began < 1
        assert send(served.base, "/readyz", method="GET").status == 503
    finally:
        release.set()
        for thread in threads:
            thread.join(10)

    assert statuses == [400] * 12


# --- where a request is from -------------------------------------------------------------------


@pytest.mark.rules("AS-79")
@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "source"),
    [
        ([], "192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        (["10.0.0.0/8"], "192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        (["10.0.0.0/8"], "10.0.0.1", [], "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", ["1.1.1.1, 198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["10.0.0.0/8"], "10.0.0.1", ["198.51.100.7, unknown"], "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", ["198.51.100.7, "], "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", ["198.51.100.7:51234"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::/64"),
        (["10.0.0.0/8"], "10.0.0.1", ["[2001:db8::1]"], "2001:db8::/64"),
        (["10.0.0.0/8"], "10.0.0.1", ["1.1.1.1, 198.51.100.7:x"], "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        (["fd00::/8"], "fd00::1", ["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        ([], "2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),
        ([], "::1", [], "::1"),
        ([], "testclient", [], "testclient"),
    ],
)
def test_a_source_is_the_last_hop_that_isnt_trusted(
    trusted: list[str], peer: str, forwarded: list[str], source: str
) -> None:
    """What stands further to the left may be invented; of an IPv6 address the network counts."""
    assert TrustedProxies(trusted).source(peer, forwarded) == source


@pytest.mark.rules("AS-79")
def test_the_application_counts_by_source(make_server: MakeServer, send: Send) -> None:
    """Who isn't trusted can't choose whom his requests count for."""
    seen: list[str] = []

    class Limiter:
        def arrived(self, source: str, _now: float) -> float:
            seen.append(source)
            return 0.0

        def named(self, _source: str, _client_id: str, _now: float) -> float:
            return 0.0

        def failed(self, _source: str, _client_id: str | None, _now: float) -> None:
            return None

    for trusted in ((), ("127.0.0.0/8",)):
        with listen("127.0.0.1", 0) as listener:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            server = make_server(issuer=base, development=True, rate_limiter=Limiter())
            application = make_application(server, check=lambda: None, trusted_proxies=trusted)
            with serving(application, listener):
                send(base, "/token", headers=(FORM, ("X-Forwarded-For", "198.51.100.7")), body=b"a=b")

    assert seen == ["127.0.0.1", "198.51.100.7"]
