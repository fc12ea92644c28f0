"""Heads of requests in which two readers may see two requests, over a real connection."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from policy_engine.serving import CONNECTION, listen, origin_form, serving

SEEN: list[tuple[str, bytes, bytes]] = []


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Tells what it was asked."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    assert scope["extensions"][CONNECTION].ending is False
    SEEN.append((scope["method"], scope["raw_path"], body))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where it is served."""
    with listen("127.0.0.1", 0) as listener, serving(application, listener):
        yield listener.getsockname()[1]


def raw(port: int, *parts: bytes) -> bytes:
    """All that comes back until the server closes."""
    SEEN.clear()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with suppress(OSError):  # it may have been closed by now
            for part in parts:
                connection.sendall(part)
        got = []
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                got.append(part)
        return b"".join(got)


def post(*lines: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    """A request with these lines in its head."""
    return b"\r\n".join([b"POST /a HTTP/" + version, b"Host: here", *lines, b"", b""]) + body


DOUBTFUL = [
    post(b"Content-Length: 1", b"Content-Length: 1", body=b"a"),
    post(b"Content-Length: 1", b"content-length: 2", body=b"ab"),
    post(b"Content-Length: 1, 2", body=b"ab"),
    post(b"Content-Length: +1", body=b"a"),
    post(b"Content-Length: 1 1", body=b"a"),
    post(b"Content-Length : 1", body=b"a"),
    post(b"X: 1\nContent-Length: 1", body=b"a"),
    post(b"X: 1\n", b"Content-Length: 1", body=b"a"),
    post(b"X: 1\rContent-Length: 1", body=b"a"),
    post(b"X: 1", b" Content-Length: 1", body=b"a"),
    post(b"Content-Length:", b" 1", body=b"a"),
    post(b"\tContent-Length: 1", body=b"a"),
    post(b"Transfer-Encoding: chunked", body=b"1\r\na\r\n0\r\n\r\n", version=b"1.0"),
    post(b"Transfer-Encoding: xchunked", body=b"1\r\na\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked, identity", body=b"1\r\na\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: \x0bchunked", body=b"1\r\na\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked", body=b"1\na\n0\n\n"),
    post(b"Transfer-Encoding: chunked", body=b"0x1\r\na\r\n0\r\n\r\n"),
    post(b"Transfer-Encoding: chunked", body=b"-1\r\na\r\n0\r\n\r\n"),
    post(b"Host: there", b"Content-Length: 0"),
    post(b"X\x00: 1"),
    post(b"X: \x00"),
    b"POST /a HTTP/1.1\nHost: here\n\n",
    b"POST /a HTTP/1.1\r\n\r\n",
    b"POST  /a HTTP/1.1\r\nHost: here\r\n\r\n",
    b"POST /a b HTTP/1.1\r\nHost: here\r\n\r\n",
    b"POST /a HTTP/1.1\r\nHost: here\r\nX: 1\r\n\n",
    b"\r\n\r\nPOST /a HTTP/1.1\r\nHost: here\r\n\r\n",
]


@pytest.mark.parametrize("text", DOUBTFUL)
def test_a_doubtful_request_is_refused_whole(port: int, text: bytes) -> None:
    """Once, however it is cut; what follows it on the connection is read by nobody."""
    follows = b"GET /smuggled HTTP/1.1\r\nHost: here\r\n\r\n"
    for parts in ((text + follows,), (text[:20], text[20:], follows)):
        answer = raw(port, *parts)
        assert answer.count(b"HTTP/1.1 ") <= 1
        assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 5", b"")
        assert [path for _, path, _ in SEEN if path == b"/smuggled"] == []
        assert [body for _, _, body in SEEN] == []


def test_what_libraries_send_is_read(port: int) -> None:
    """One after the other on one connection, without waiting; bodies may hold anything."""
    lines = b"\nContent-Length: 1\n\n x\n\n "
    first = post(b"Content-Length: %d" % len(lines), body=lines)
    second = post(b"Transfer-Encoding: chunked", body=b"3;x=y\r\n\n\n \r\n0\r\n\r\n")
    for cut in (1, 40, len(first), len(first) + 30):
        whole = first + second + post(b"Content-Length: 0", b"Connection: close")
        assert raw(port, whole[:cut], whole[cut:]).count(b"HTTP/1.1 200") == 3
        assert [
            ("POST", b"/a", lines),
            ("POST", b"/a", b"\n\n "),
            ("POST", b"/a", b""),
        ] == SEEN


def test_a_doubtful_request_behind_another_is_refused_too(port: int) -> None:
    """It is looked at when its turn comes."""
    good = post(b"Content-Length: 1", body=b"a")
    answer = raw(port, good + post(b"Content-Length: 1", b"Content-Length: 1", body=b"b"))
    assert (answer.count(b"HTTP/1.1 200"), answer.count(b"HTTP/1.1 400")) == (1, 1)
    assert [body for _, _, body in SEEN] == [b"a"]


def test_the_path_of_a_target_is_what_follows_its_host() -> None:
    """RFC 9112, section 3.2.2."""
    assert origin_form(b"HTTP://here:1/a?b") == b"/a?b"
    assert (origin_form(b"http://here"), origin_form(b"/a"), origin_form(b"*")) == (b"/", b"/a", b"*")
