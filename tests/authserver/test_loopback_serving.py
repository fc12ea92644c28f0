"""The development server: what a transport has to refuse before the application sees it."""

import logging
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from policy_engine.authserver import AuthorizationServer, HttpResponse, IssuanceEvent, serve_loopback
from policy_engine.errors import ConfigError

FORM = ("Content-Type", "application/x-www-form-urlencoded")
INVALID = b'{"error":"invalid_request"}'

MakeServer = Callable[..., AuthorizationServer]
Send = Callable[..., HttpResponse]


def raw(base: str, text: bytes) -> bytes:
    """Send bytes as they are, and take all that comes back."""
    parts = urlsplit(base)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_documents_are_served(method: str, served: str, send: Send) -> None:
    """To HEAD with the length of a body, but without it."""
    response = send(served, "/jwks.json?a=b", method=method)

    assert response.status == 200
    assert (response.body != b"") is (method == "GET")
    assert int(response.values("Content-Length")[0]) > 100
    assert response.values("Server") == ("policy-engine",)


def test_no_body_follows_the_answer_to_head(served: str) -> None:
    """A client that keeps reading would take it for something else."""
    assert raw(served, b"HEAD /jwks.json HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\n")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "TOKEN"])
def test_any_method_is_answered_by_the_application(method: str, served: str, send: Send) -> None:
    """With 405 and JSON, and never with 501."""
    response = send(served, "/token", method=method)

    assert (response.status, response.values("Allow")) == (405, ("POST",))


@pytest.mark.parametrize("size", [64 * 1024 + 1, 900 * 1024])
def test_a_body_too_large_isnt_read(size: int, served: str, send: Send, events: list[IssuanceEvent]) -> None:
    """The client is told, and the application never sees it."""
    response = send(served, "/token", headers=(FORM,), body=b"a" * size)

    assert (response.status, events) == (413, [])
    assert response.body == b'{"error":"invalid_request","error_description":"the body is too large"}'


def test_a_body_just_small_enough_is_read(served: str, send: Send, events: list[IssuanceEvent]) -> None:
    """The limit itself is within."""
    response = send(served, "/token", headers=(FORM,), body=b"a=" + b"a" * (64 * 1024 - 2))

    assert response.status == 400
    assert [event.reason for event in events] == ["missing_parameter"]


@pytest.mark.parametrize(
    "headers",
    [
        b"Transfer-Encoding: chunked",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Length: 5\r\nContent-Length: 5",
        b"Content-Length: -1",
        b"Content-Length: +5",
        b"Content-Length: 5, 5",
        b"Content-Length: ",
        b"Content-Length: 9999999999",
        b"Content-Length: 10",
    ],
)
def test_a_body_of_doubtful_length_is_refused(
    headers: bytes, served: str, events: list[IssuanceEvent]
) -> None:
    """Two readings of where a request ends are two requests (RFC 9112 section 6.3)."""
    answer = raw(served, b"POST /token HTTP/1.1\r\n" + headers + b"\r\n\r\na=b&c")

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert answer.endswith(INVALID)
    assert events == []


@pytest.mark.parametrize(
    "text",
    [
        b"POST\r\n\r\n",
        b"GET /jwks.json HTTP/1.1 more\r\n\r\n",
        b"GET /jwks.json HTTP/x\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /jwks.json HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    ],
)
def test_what_isnt_http_is_refused_in_json(text: bytes, served: str) -> None:
    """The transport's own refusals are JSON too."""
    answer = raw(served, text)

    assert b"Content-Type: application/json\r\n" in answer or b"\r\n\r\n" not in answer
    assert answer.endswith(INVALID)


def test_one_connection_carries_one_request(served: str) -> None:
    """What follows in it isn't read."""
    request = b"GET /nothing HTTP/1.1\r\nConnection: keep-alive\r\n\r\n"

    assert raw(served, request * 2).count(b"not_found") == 1


def test_a_bug_is_a_refusal_and_is_named_without_its_message(
    make_server: MakeServer, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns nothing, the operator the type of the error; its message might quote the request."""

    def broken() -> float:
        raise RuntimeError("client_secret=hush")

    with (
        caplog.at_level(logging.DEBUG),
        serve_loopback(lambda base: make_server(issuer=base, development=True, now=broken)) as base,
    ):
        response = send(base, "/token", headers=(FORM,), body=b"client_secret=hush")

    assert (response.status, response.body) == (500, b'{"error":"server_error"}')
    assert [record.getMessage() for record in caplog.records] == ["a request failed: RuntimeError"]


def test_nothing_is_printed(served: str, send: Send, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither requests nor connections that go away."""
    send(served, "/token?client_secret=hush", headers=(FORM,), body=b"client_secret=hush")
    raw(served, b"")
    raw(served, b"GET")

    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "", "10.0.0.1", "localhost", "::1", "example.com"])  # noqa: S104
def test_it_binds_loopback_only(host: str, make_server: MakeServer) -> None:
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
