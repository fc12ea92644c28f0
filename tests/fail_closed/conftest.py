"""A key server on loopback, with the faults that key servers have."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from policy_engine.jose import SigningKey


class KeyServer(HTTPServer):
    """Serves one JWK Set at `/jwks.json`, or fails as it is told to."""

    def __init__(self, jwks: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jwks = jwks
        self.answers = True
        self.redirects_to: str | None = None
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self.server_port}/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status = 200 if self.server.answers else 500
        if self.server.redirects_to is not None:
            status = 302
        self.send_response(status)
        if self.server.redirects_to is not None:
            self.send_header("Location", self.server.redirects_to)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.jwks)))
        self.end_headers()
        self.wfile.write(self.server.jwks)

    def log_message(self, *_args: object) -> None:
        """Keep the tests quiet."""


@pytest.fixture
def key_server(signing_keys: dict[str, SigningKey]) -> Iterator[KeyServer]:
    """A server of the keys of `corp`, while the test lasts."""
    jwks = json.dumps({"keys": [signing_keys["corp"].public_jwk()]}).encode()
    server = KeyServer(jwks)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
