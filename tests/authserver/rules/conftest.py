"""A server that answers over HTTP, and one good request for each method, to differ from."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    Catalogue,
    IssuanceEvent,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    Secret,
    SecretHash,
    StaticKeys,
    generate_secret,
    serve_loopback,
)
from policy_engine.jose import SigningKey, sign

NOW = 1_800_000_000
GITHUB, FILES = "https://mcp.example.com/github", "https://mcp.example.com/files"

_number = count(1)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def told(self) -> tuple[int, str | None]:
        """Status and error."""
        return self.status, self.json.get("error")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server.

    Attributes:
        issuer: its URL.
        key: the private key of `ci-bot`.
        secret: the secret of the others.
        signing: the server's key.
        events: what it reported.
    """

    issuer: str
    key: SigningKey
    secret: str
    signing: SigningKey
    events: list[IssuanceEvent]

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request on a connection of its own."""
        place = urlsplit(self.issuer)
        connection = HTTPConnection(str(place.hostname), place.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(status=answer.status, headers=found, text=answer.read().decode())
        finally:
            connection.close()

    def assertion(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        key: SigningKey | None = None,
        typ: str | None = "JWT",
    ) -> str:
        """An assertion of `ci-bot`; claims that are None are left out."""
        usual = {
            "iss": "ci-bot",
            "sub": "ci-bot",
            "aud": self.issuer,
            "iat": NOW,
            "exp": NOW + 60,
            "jti": f"jti-{next(_number)}",
        }
        chosen = {name: value for name, value in {**usual, **(claims or {})}.items() if value is not None}
        return sign(chosen, key or self.key, typ=typ, header=header)

    def basic(self, credentials: str) -> dict[str, str]:
        """The header of Basic credentials."""
        return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}

    def by_secret(self, client_id: str = "basic-bot") -> "Ask":
        """A good request of a client with a secret."""
        return Ask(self, headers=self.basic(f"{client_id}:{self.secret}"))

    def by_key(self, assertion: str | None = None) -> "Ask":
        """A good request of a client with a key."""
        form = {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
        }
        return Ask(self).form(**form)


@dataclass(frozen=True)
class Ask:
    """A request for a token, good unless it was changed."""

    server: Server
    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str | None] = field(
        default_factory=lambda: {
            "grant_type": "client_credentials",
            "resource": GITHUB,
            "scope": "issues:read",
        }
    )
    more: tuple[tuple[str, str], ...] = ()

    def form(self, **values: str | None) -> "Ask":
        """With other parameters; None leaves one out."""
        return replace(self, values={**self.values, **values})

    def also(self, *pairs: tuple[str, str]) -> "Ask":
        """With further parameters, which may repeat some."""
        return replace(self, more=(*self.more, *pairs))

    def header(self, name: str, value: str) -> "Ask":
        """With another header."""
        return replace(self, headers={**self.headers, name: value})

    def body(self) -> bytes:
        """The form."""
        pairs = [(name, value) for name, value in self.values.items() if value is not None]
        return urlencode([*pairs, *self.more]).encode()

    def send(self, path: str = "/token", method: str = "POST", body: bytes | None = None) -> Answer:
        """Send it."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self.headers}
        return self.server.ask(path, method, self.body() if body is None else body, headers)


def _client(client_id: str, method: str, **more: Any) -> RegisteredClient:
    values: dict[str, Any] = {
        "client_id": client_id,
        "category": "service",
        "token_endpoint_auth_method": method,
        "grant_types": ("client_credentials",),
        "resources": frozenset({GITHUB}),
        "scopes": frozenset({"issues:read", "issues:write"}),
    }
    return RegisteredClient(**{**values, **more})


def _clients(key: SigningKey, secret: Secret) -> list[RegisteredClient]:
    hashes = (SecretHash.of(secret),)
    old = (SecretHash.of(secret, expires_at=NOW),)
    two = (SecretHash.of(generate_secret(), expires_at=NOW + 60), *hashes)
    return [
        _client("ci-bot", "private_key_jwt", jwks={"keys": [key.public_jwk()]}),
        _client("basic-bot", "client_secret_basic", secret_hashes=hashes),
        _client("post-bot", "client_secret_post", secret_hashes=hashes),
        _client("retired", "client_secret_basic", secret_hashes=hashes, enabled=False),
        _client("two-bot", "client_secret_basic", secret_hashes=two),
        _client("expired", "client_secret_basic", secret_hashes=old),
        _client(
            "agent",
            "client_secret_basic",
            category="ai_agent",
            secret_hashes=hashes,
            default_scopes=frozenset({"issues:read"}),
            default_resource=True,
            access_token_ttl=60,
            groups=frozenset({"admins"}),
            attributes={"email": ("alice@example.com",), "acr": ("2",), "gty": ("password",)},
        ),
        _client(
            "both",
            "client_secret_basic",
            secret_hashes=hashes,
            resources=frozenset({GITHUB, FILES}),
            scopes=frozenset({"issues:read", "files:read"}),
        ),
    ]


@pytest.fixture(scope="session")
def start() -> Callable[..., Any]:
    """Start a server that differs in something; a context manager."""
    from contextlib import contextmanager  # noqa: PLC0415

    @contextmanager
    def running(**changes: Any) -> Iterator[Server]:
        key, secret, signing = SigningKey.generate("ES256"), generate_secret(), SigningKey.generate("ES256")
        events: list[IssuanceEvent] = []

        def make(issuer: str) -> AuthorizationServer:
            values: dict[str, Any] = {
                "clients": MemoryClientRegistry(_clients(key, secret)),
                "keys": StaticKeys(signing),
                "catalogue": Catalogue({GITHUB: ["issues:read", "issues:write"], FILES: ["files:read"]}),
                "replay_store": MemoryReplayStore(),
                "now": lambda: NOW,
                "events": events.append,
                "development": True,
            }
            return AuthorizationServer(issuer=issuer, **{**values, **changes})

        with serve_loopback(make) as issuer:
            yield Server(issuer=issuer, key=key, secret=secret.reveal(), signing=signing, events=events)

    return running


@pytest.fixture(scope="session")
def server(start: Callable[..., Any]) -> Iterator[Server]:
    """One server for all."""
    with start() as running:
        yield running
