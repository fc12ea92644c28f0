"""Servers that die, hang, lie, redirect or say too much: what the caller gets, and that it isn't more."""

import json
import logging
import threading
import time

import pytest

from tests.integrations.gateway.conftest import Heard, MakeSite, Site, call, rpc

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"
EVENTS = b"Content-Type: text/event-stream\r\n"
SHORT = {"connect": 0.3, "first_byte": 0.4, "idle": 0.4}
FAILURES = {502: "Bad gateway", 503: "Service unavailable", 504: "Gateway timeout"}


def assert_failed(site: Site, status: int, message: object = None, **headers: str) -> None:
    """The caller gets a clean error, with the id of the request and no word about why."""
    answer = site.ask(site.machine(), message or call(), **headers)
    assert (answer.status_code, answer.json()) == (
        status,
        {"jsonrpc": "2.0", "id": 7, "error": {"code": -32603, "message": FAILURES[status]}},
    )
    assert answer.headers["cache-control"] == "no-store"


NO_ANSWERS: tuple[tuple[bytes, ...], ...] = (
    (),
    (b"HTTP/1.1 200",),
    (OK + JSON,),
    (b"\x00\x01\x02\r\n\r\n",),
    (b"SSH-2.0-x\r\n\r\n",),
    (OK + JSON + b"Content-Length: 90\r\n\r\n{}",),
    (OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",),
    (OK + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",),
    (OK + JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",),
    (OK + JSON + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",),
    (OK + b"X: " + b"x" * 200_000 + b"\r\n\r\n",),
    (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",),
    (b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",),
    (b'HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm="inner"\r\nContent-Length: 0\r\n\r\n',),
    (b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",),
    (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",),
)


def test_a_server_that_gives_no_answer_is_a_bad_gateway(site: MakeSite, upstream: Heard) -> None:
    """It dies, speaks something else, ends in the middle, or sends the caller away: asked once, not twice."""
    made = site({"github": upstream.url}, timeouts=SHORT)
    for parts in NO_ANSWERS:
        upstream.answers(*parts)
        asked = len(upstream.heads)
        assert_failed(made, 502)
        assert_failed(made, 502, rpc("tools/list"))
        assert len(upstream.heads) == asked + 2


def test_a_server_that_isnt_there_is_a_bad_gateway(site: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """Which is told once, with neither token nor message; and when it comes, all is well."""
    made = site({"github": "http://127.0.0.1:1/mcp"}, timeouts=SHORT)
    token = made.machine()
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            assert made.ask(token, call(repo="s3cret")).status_code == 502
    assert [record.getMessage() for record in caplog.records if "httpx" not in record.name] == [
        "github: it gives no whole answer (ConnectError)"
    ]
    assert token not in caplog.text
    assert "s3cret" not in caplog.text


def test_a_server_that_hangs_is_waited_for_so_long(site: MakeSite, upstream: Heard) -> None:
    """However busily it trickles; the connections to it aren't used up by that."""
    made = site({"github": {"url": upstream.url, "connections": 2}}, timeouts=SHORT)
    trickle = (OK, *(b"X: 1\r\n", 0.1) * 30)
    for parts in ((3.0,), (OK, 3.0), trickle, (OK + EVENTS + b"\r\n", 3.0)):
        upstream.answers(*parts)
        before = time.monotonic()
        assert_failed(made, 504, rpc("tools/list"))
        assert time.monotonic() - before < 1.5
    upstream.says({"jsonrpc": "2.0", "id": 7, "result": {}})
    assert made.ask(made.machine(), call()).status_code == 200


LIES = (
    b"",
    b"{}",
    b"<html>welcome</html>",
    b'{"jsonrpc":"2.0","id":8,"result":{"tools":[]}}',
    b'{"jsonrpc":"2.0","id":7,"result":{"tools":{"a":1}}}',
    b'{"jsonrpc":"2.0","id":7,"result":{"tools":[]},"result":{"tools":[{"name":"delete_repository"}]}}',
    b'{"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"delete_repository"}',
    b'{"jsonrpc":"2.0","id":7,"result":{"tools":[{"description":"no name"}]}}',
)


def test_a_list_that_isnt_one_goes_no_further(site: MakeSite, upstream: Heard) -> None:
    """What was in it, nobody knows."""
    made = site({"github": upstream.url})
    for lie in LIES:
        upstream.says(lie)
        assert_failed(made, 502, rpc("tools/list"))


def test_a_huge_list_isnt_read_to_its_end(site: MakeSite, upstream: Heard) -> None:
    """It would fill the memory."""
    sent = 0

    def act(connection: object) -> None:
        nonlocal sent
        connection.sendall(OK + JSON + b"Content-Length: 900000000\r\n\r\n")  # type: ignore[attr-defined]
        for _ in range(900):
            connection.sendall(b" " * 1_000_000)  # type: ignore[attr-defined]
            sent += 1

    upstream.act = act
    assert_failed(site({"github": upstream.url}), 502, rpc("tools/list"))
    assert sent < 100


def test_errors_of_the_server_are_the_callers(site: MakeSite, upstream: Heard) -> None:
    """That a session is over, or that a tool isn't there after all."""
    error = {"jsonrpc": "2.0", "id": 7, "error": {"code": -32600, "message": "gone"}}
    made = site({"github": upstream.url})
    for status in (400, 403, 404, 409, 429, 500, 503):
        upstream.says(error, f"{status} X", "Retry-After: 3", "Server: secret/1.0")
        answer = made.ask(made.machine(), call())
        assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (status, error, "3")
        assert "server" not in answer.headers


def test_a_large_answer_passes_and_half_of_one_is_seen_as_half(site: MakeSite, upstream: Heard) -> None:
    """It isn't kept until it is whole; so the connection breaks where it does."""
    text = json.dumps({"jsonrpc": "2.0", "id": 7, "result": {"text": "x" * 3_000_000}}).encode()
    made = site({"github": upstream.says(text).url}, timeouts=SHORT)
    assert made.ask(made.machine(), call()).content == text
    for framing in (b"Content-Length: %d\r\n\r\n" % (len(text) + 1), b"Transfer-Encoding: chunked\r\n\r\n"):
        chunk = b"%x\r\n%s\r\n" % (len(text), text) if b"chunked" in framing else text
        upstream.answers(OK + JSON + framing + chunk)
        with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|reset|disconnected"):
            made.ask(made.machine(), call())


def test_one_principal_leaves_something_for_others(site: MakeSite, upstream: Heard) -> None:
    """Of the connections to a server, half; then it is told to come back."""
    upstream.answers(1.5, b"")
    made = site({"github": {"url": upstream.url, "connections": 4}})
    token = made.machine()
    waiting = [threading.Thread(target=made.ask, args=(token, call())) for _ in range(2)]
    for thread in waiting:
        thread.start()
    end = time.monotonic() + 5
    while len(upstream.heads) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    upstream.says({"jsonrpc": "2.0", "id": 7, "result": {}})
    assert_failed(made, 503)
    assert made.ask(made.machine("other-bot"), rpc("ping")).status_code == 200
    for thread in waiting:
        thread.join()
    assert made.ask(token, call()).status_code == 200
