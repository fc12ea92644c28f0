"""An authorization server on this machine that really checks who asks, and says what it is told to say."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from policy_engine.errors import JoseError
from policy_engine.jose import ALGORITHMS, KeySet, SigningKey, verify

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ENDPOINT", "IntrospectionServer", "serve_introspection"]

CLIENT_ID = "mcp engine:1"
"""With a blank and a colon: whoever forgets to encode the parts of `Basic` isn't let in."""

CLIENT_SECRET = "s3cr:t+/%&= of ours"

ENDPOINT = "/oauth2/introspect"

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Said:
    """An answer that is sent whatever is asked."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    """Before the answer."""


class IntrospectionServer(ThreadingHTTPServer):
    """Knows tokens by their claims, and one client by its secret and its key."""

    request_queue_size = 64

    def __init__(self, key: SigningKey) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.key = key
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.uri = self.issuer + ENDPOINT
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.read: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.said: Said | None = None
        self.seconds = 0.0
        self.at_once = 0
        self.most_at_once = 0
        self.counting = threading.Lock()
        self.metadata: Any = {"issuer": self.issuer, "introspection_endpoint": self.uri}
        self.method = "client_secret_basic"
        self.assertions: list[str] = []

    def handle_error(self, *_args: Any) -> None:
        """A client that hangs up is what some tests are about."""

    def admits(self, authorization: str | None, form: dict[str, str]) -> bool:
        """Whether the client proves who it is in the one way that is expected, and in no other."""
        shown = {name for name in ("client_secret", "client_assertion") if name in form}
        match self.method:
            case "client_secret_basic":
                pair = base64.b64decode((authorization or "").removeprefix("Basic ")).decode()
                parts = [unquote_plus(part) for part in pair.split(":")]
                return not shown and parts == [CLIENT_ID, CLIENT_SECRET]
            case "client_secret_post":
                sent = (form.get("client_id"), form.get("client_secret"))
                return authorization is None and sent == (CLIENT_ID, CLIENT_SECRET)
            case _:
                return authorization is None and shown == {"client_assertion"} and self._asserted(form)

    def _asserted(self, form: dict[str, str]) -> bool:
        try:
            jws = verify(
                form["client_assertion"], KeySet.from_jwks({"keys": [self.key.public_jwk()]}), ALGORITHMS
            )
        except JoseError:
            return False
        claims = json.loads(jws.payload)
        fresh = claims["jti"] not in self.assertions
        self.assertions.append(claims["jti"])
        return (
            fresh
            and form.get("client_assertion_type") == _JWT_BEARER
            and jws.header["typ"] == "client-authentication+jwt"
            and (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, self.issuer)
            and 0 < claims["exp"] - claims["iat"] <= 60
        )


class _Handler(BaseHTTPRequestHandler):
    server: IntrospectionServer

    def do_GET(self) -> None:
        self.server.read.append(self.path)
        if self.path == "/.well-known/oauth-authorization-server" and self.server.metadata is not None:
            self._send(Said(json.dumps(self.server.metadata).encode()))
        else:
            self._send(Said(b"not found", 404))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        self.server.asked.append(form["token"])
        with self.server.counting:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        time.sleep(self.server.seconds)
        with self.server.counting:
            self.server.at_once -= 1
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "form": form})
        if self.server.said is not None:
            self._send(self.server.said)
        elif not self.server.admits(self.headers["Authorization"], form):
            self._send(Said(b'{"error": "invalid_client"}', 401))
        else:
            claims = self.server.tokens.get(form["token"])
            answer = {"active": False} if claims is None else {"active": True, **claims}
            self._send(Said(json.dumps(answer).encode()))

    def _send(self, said: Said) -> None:
        time.sleep(said.seconds)
        self.send_response(said.status)
        for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body)

    def log_message(self, *_args: object) -> None:
        """Keep the tests quiet."""


@contextmanager
def serve_introspection(key: SigningKey) -> Iterator[IntrospectionServer]:
    """A server as long as it is needed."""
    server = IntrospectionServer(key)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
