"""Serve an authorization server on this machine, for development and demonstrations.

Loopback only, one connection a request, nothing logged. A server that others can reach needs TLS and more;
it is another adapter over the same `AuthorizationServer.handle`.
"""

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.web import (
    MAX_BODY_BYTES,
    HttpRequest,
    HttpResponse,
    json_response,
    refusal_response,
)
from policy_engine.errors import ConfigError

__all__ = ["serve_loopback"]

_LOG: Final = logging.getLogger(__name__)

_SECONDS: Final = 10
"""That a client may keep a read waiting."""

_LINGER_SECONDS: Final = 1
_LINGER_BYTES: Final = 1024 * 1024

_LENGTH: Final = re.compile(r"[0-9]{1,9}")


@contextmanager
def serve_loopback(
    make_server: Callable[[str], AuthorizationServer], *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Serve while the context lasts.

    Args:
        make_server: makes the server from its base URL, which is only known once the port is.
        host: a loopback address of IPv4.
        port: 0 for any that is free.

    Yields:
        The base URL, `http://127.0.0.1:<port>`.

    Raises:
        ConfigError: `host` isn't a loopback address.
        OSError: the port is taken.
    """
    _require_loopback(host)
    with _Server((host, port), _Handler) as server:
        base = f"http://{host}:{server.server_address[1]}"
        server.application = make_server(base)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield base
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    application: AuthorizationServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where a client went away."""


class _Handler(BaseHTTPRequestHandler):
    """One request; the protocol stays HTTP/1.0, so that no second one can hide behind it."""

    server: _Server
    timeout = _SECONDS
    error_content_type = "application/json"
    error_message_format = '{"error":"invalid_request"}'

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- the base class looks for `do_<METHOD>`
        """Take any method: the application says which it answers."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def version_string(self) -> str:
        """The `Server` header, without the versions that the base class tells."""
        return "policy-engine"

    def log_message(self, *_args: object) -> None:
        """Log nothing: a request line may hold what should not have been in it."""

    def _answer(self) -> None:
        length = self._body_length()
        if isinstance(length, HttpResponse):
            self._send(length)
            return self._linger()
        body = self.rfile.read(length)
        if len(body) < length:
            return self._send(_bad_request())
        path, _, query = self.path.partition("?")
        request = HttpRequest(
            method=self.command, path=path, query=query, headers=tuple(self.headers.items()), body=body
        )
        return self._send(self._application(request))

    def _application(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.server.application.handle(request)
        except Exception as error:  # noqa: BLE001 -- the outermost handler: a bug is a refusal, and is named
            _LOG.error("a request failed: %s", type(error).__name__)
            return json_response(500, {"error": "server_error"})

    def _body_length(self) -> int | HttpResponse:
        lengths = self.headers.get_all("Content-Length", ["0"])
        if "Transfer-Encoding" in self.headers or len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
            return _bad_request()
        length = int(lengths[0])
        return length if length <= MAX_BODY_BYTES else refusal_response("body_too_large", realm="")

    def _send(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _linger(self) -> None:
        """Take in some of a body that wasn't read: closing on it would reset the answer away."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_LINGER_SECONDS)
        self.rfile.read(_LINGER_BYTES)


def _bad_request() -> HttpResponse:
    return json_response(400, {"error": "invalid_request"})


def _require_loopback(host: str) -> None:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ConfigError(
            "the development server binds loopback addresses only",
            remedy="use 127.0.0.1",
            code="loopback",
        )
