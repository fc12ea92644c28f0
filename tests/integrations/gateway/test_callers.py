"""Callers that send too much, too slowly, half of it, or two things at once: over raw connections."""

import json
import socket
import time
from contextlib import suppress

import pytest

from policy_engine.serving import BoundedProtocol
from tests.integrations.gateway.conftest import Heard, MakeSite, Site, call, rpc

DONE = {"jsonrpc": "2.0", "id": 7, "result": {}}
MEGABYTE = 1024 * 1024


def connect(site: Site) -> socket.socket:
    """A connection to the gateway."""
    return socket.create_connection(("127.0.0.1", int(site.base.rpartition(":")[2])), timeout=10)


def post(
    site: Site, token: str | None, body: bytes, *lines: str, length: int | None = -1, target: str = "/github"
) -> bytes:
    """A request as bytes; without a length if that is None."""
    own = [f"Authorization: Bearer {token}"] if token else []
    length = len(body) if length == -1 else length
    framing = [] if length is None else [f"Content-Length: {length}"]
    head = [f"POST {target} HTTP/1.1", f"Host: {site.base[7:]}", "Content-Type: application/json"]
    return "\r\n".join([*head, *own, *framing, *lines, "", ""]).encode() + body


def answers(site: Site, *parts: bytes, ends: bool = False) -> bytes:
    """All that comes back until the gateway closes; or until it does because the caller does."""
    got: list[bytes] = []
    with connect(site) as connection, suppress(ConnectionResetError, BrokenPipeError):
        for part in parts:
            connection.sendall(part)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            got.append(part)
    return b"".join(got)


def ping(request_id: int = 7) -> bytes:
    """A message."""
    return json.dumps(rpc("ping", request_id)).encode()


def test_two_lengths_are_refused_and_the_rest_is_read_by_nobody(site: MakeSite, upstream: Heard) -> None:
    """Another reader in front may have seen another request in it (RFC 9112, section 6.3)."""
    made = site({"github": upstream.says(DONE).url})
    token = made.machine()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ping()), ping())
    smuggled = post(made, token, ping(9))
    for text in (
        post(made, token, chunks, "Transfer-Encoding: chunked"),
        post(made, token, ping(), f"Content-Length: {len(ping())}"),
        post(made, token, ping(), "Content-Length: 3"),
        post(made, token, ping()).replace(b"\r\nAuth", b"\nAuth"),
        post(made, token, ping()).replace(b"POST /github", b"POST http://evil.example/github"),
    ):
        got = answers(made, text + smuggled)
        assert got.startswith(b"HTTP/1.1 400"), text
        assert got.count(b"HTTP/1.1 ") == 1, text
    assert upstream.heads == []


def test_requests_that_come_at_once_are_answered_in_turn(site: MakeSite, upstream: Heard) -> None:
    """Each with its own decision."""
    made = site({"github": upstream.says(DONE).url})
    denied = json.dumps(call("delete_repository")).encode()
    got = answers(
        made,
        post(made, made.machine(), ping())
        + post(made, made.machine(), denied)
        + post(made, None, ping())
        + post(made, made.machine(), ping(), "Connection: close"),
    )
    assert [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]] == [b"200", b"403", b"401", b"200"]
    assert [json.loads(body)["method"] for body in upstream.bodies] == ["ping", "ping"]


def test_too_large_a_body_is_refused_unread(site: MakeSite, upstream: Heard) -> None:
    """Whether its length is told, or it just goes on; and sooner where nobody answers for it."""
    made = site({"github": upstream.says(DONE).url})
    token = made.machine()
    told = answers(made, post(made, token, b" " * 100, length=900 * MEGABYTE))
    assert told.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in told
    chunk = b"100000\r\n" + b" " * MEGABYTE + b"\r\n"
    for bearer, status, sent in ((token, b"413", 3), (None, b"401", 3)):
        head = post(made, bearer, b"", "Transfer-Encoding: chunked", length=None)
        got = answers(made, head, *[chunk] * sent, b"0\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 " + status)
    assert upstream.heads == []
    large = rpc("ping", x="y" * (MEGABYTE - 200))
    assert made.ask(token, large).status_code in (200, 400)


def test_half_a_request_is_none(site: MakeSite, upstream: Heard) -> None:
    """Whoever goes in the middle of it has asked for nothing."""
    made = site({"github": upstream.says(DONE).url})
    whole = post(made, made.machine(), ping())
    for at in (10, 60, len(whole) - 1):
        assert answers(made, whole[:at], ends=True) == b""
    assert upstream.heads == []


def test_a_slow_request_isnt_waited_for(
    site: MakeSite, upstream: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However busily it trickles, in its head or in its body; and neither is a slow reader."""
    monkeypatch.setattr(BoundedProtocol, "seconds", 0.4)
    made = site({"github": upstream.says(DONE).url})
    whole = post(made, made.machine(), ping())
    for start in (0, len(whole) - 40):
        before = time.monotonic()
        with connect(made) as connection, suppress(OSError):
            connection.sendall(whole[:start])
            for byte in whole[start:]:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
                if time.monotonic() - before > 5:
                    break
            assert connection.recv(100) == b""
        assert time.monotonic() - before < 3
    assert upstream.heads == []

    upstream.says(b"x" * 60_000_000)
    upstream.closed.clear()
    with connect(made) as connection:
        connection.sendall(post(made, made.machine(), json.dumps(call()).encode()))
        connection.recv(1000)
        assert upstream.closed.wait(5)


def test_a_client_may_ask_before_it_sends(site: MakeSite, upstream: Heard) -> None:
    """Expect: 100-continue (RFC 9110, section 10.1.1)."""
    made = site({"github": upstream.says(DONE).url})
    text = post(made, made.machine(), ping(), "Expect: 100-continue", "Connection: close")
    with connect(made) as connection:
        connection.sendall(text[: -len(ping())])
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(ping())
        got = b"".join(iter(lambda: connection.recv(65536), b""))
    assert got.startswith(b"HTTP/1.1 200")


def test_other_verbs_and_types_are_refused(site: MakeSite, upstream: Heard) -> None:
    """With what MCP's clients understand."""
    made = site({"github": upstream.says(DONE).url})
    for method in ("PUT", "PATCH", "HEAD", "TRACE"):
        assert made.ask(made.machine(), b"", method=method).status_code == 405
    assert made.ask(made.machine(), rpc("ping"), content_type="text/plain").status_code == 415
    assert made.ask(made.machine(), rpc("ping"), authorization="Basic eA==").status_code == 401
    assert upstream.heads == []
