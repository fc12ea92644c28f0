"""One authorization server with a client of each method, at a fixed time; and a plain HTTP client."""

import base64
import http.client
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from policy_engine.authserver import (
    AuthorizationServer,
    Catalogue,
    HttpResponse,
    IssuanceEvent,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    Secret,
    SecretHash,
    StaticKeys,
    serve_loopback,
)
from policy_engine.jose import SigningKey, sign

NOW = 1_800_000_000
ISSUER = "https://as.example.com"
GITHUB = "https://mcp.example.com/github"
FILES = "https://mcp.example.com/files"

_jti = count(1)


@pytest.fixture(scope="session")
def now() -> int:
    """The time at which all of these tests happen."""
    return NOW


@pytest.fixture(scope="session")
def client_key() -> SigningKey:
    """The key of the client `ci-bot`."""
    return SigningKey.generate("ES256")


@pytest.fixture(scope="session")
def foreign_key() -> SigningKey:
    """A key that no client registered."""
    return SigningKey.generate("ES256")


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """The key of the server."""
    return SigningKey.generate("EdDSA", kid="server-1")


@pytest.fixture(scope="session")
def rsa_key() -> SigningKey:
    """An RSA key, which is slow to make."""
    return SigningKey.generate("RS256", kid="server-rsa")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Two resources that share one scope."""
    return Catalogue({GITHUB: ["issues:read", "issues:write", "ping"], FILES: ["files:read", "ping"]})


def _client(client_id: str, method: str, **changes: Any) -> RegisteredClient:
    values: dict[str, Any] = {
        "client_id": client_id,
        "category": "service",
        "token_endpoint_auth_method": method,
        "grant_types": ("client_credentials",),
        "resources": frozenset({GITHUB}),
        "scopes": frozenset({"issues:read", "issues:write"}),
    }
    return RegisteredClient(**(values | changes))


@pytest.fixture(scope="session")
def make_client() -> Callable[..., RegisteredClient]:
    """Make a client from its id, its method and what is different about it."""
    return _client


@pytest.fixture(scope="session")
def clients(client_key: SigningKey) -> tuple[RegisteredClient, ...]:
    """One client a method, an agent with defaults, and one that is disabled."""
    jwks = {"keys": [client_key.public_jwk()]}
    secret = SecretHash.of(Secret("current"))
    old = SecretHash.of(Secret("expired"), expires_at=NOW)
    return (
        _client("ci-bot", "private_key_jwt", jwks=jwks),
        _client("basic-bot", "client_secret_basic", secret_hashes=(old, secret)),
        _client(
            "agent",
            "client_secret_post",
            category="ai_agent",
            secret_hashes=(secret,),
            default_scopes=frozenset({"issues:read"}),
            default_resource=True,
            access_token_ttl=60,
        ),
        _client("retired", "client_secret_post", secret_hashes=(secret,), enabled=False),
        _client(
            "both",
            "client_secret_post",
            secret_hashes=(secret,),
            resources=frozenset({GITHUB, FILES}),
            scopes=frozenset({"issues:read", "files:read"}),
            default_scopes=frozenset({"files:read"}),
        ),
    )


@pytest.fixture
def events() -> list[IssuanceEvent]:
    """What the server reported."""
    return []


@pytest.fixture
def make_server(
    clients: tuple[RegisteredClient, ...],
    catalogue: Catalogue,
    signing_key: SigningKey,
    events: list[IssuanceEvent],
) -> Callable[..., AuthorizationServer]:
    """Make a server from what is different about it."""

    def make(**changes: Any) -> AuthorizationServer:
        values: dict[str, Any] = {
            "issuer": ISSUER,
            "clients": MemoryClientRegistry(clients),
            "keys": StaticKeys(signing_key),
            "catalogue": catalogue,
            "replay_store": MemoryReplayStore(),
            "now": lambda: NOW,
            "new_jti": lambda: "token-1",
            "events": events.append,
        }
        return AuthorizationServer(**(values | changes))

    return make


@pytest.fixture
def served(make_server: Callable[..., AuthorizationServer]) -> Iterator[str]:
    """The base URL of a server that answers real requests."""
    with serve_loopback(lambda base: make_server(issuer=base, development=True)) as base:
        yield base


@pytest.fixture(scope="session")
def make_assertion(client_key: SigningKey) -> Callable[..., str]:
    """Make an assertion of `ci-bot` from what is different about it; claims that are None are left out."""

    def make(
        claims: Mapping[str, Any],
        *,
        key: SigningKey = client_key,
        typ: str | None = "JWT",
        header: Mapping[str, Any] | None = None,
    ) -> str:
        usual = {
            "iss": "ci-bot",
            "sub": "ci-bot",
            "aud": ISSUER,
            "iat": NOW,
            "exp": NOW + 300,
            "jti": f"assertion-{next(_jti)}",
        }
        chosen = {name: value for name, value in (usual | dict(claims)).items() if value is not None}
        return sign(chosen, key, typ=typ, header=header)

    return make


@pytest.fixture(scope="session")
def send() -> Callable[..., HttpResponse]:
    """Send a request over a real connection, with exactly the headers given."""

    def _send(
        base: str,
        path: str,
        *,
        method: str = "POST",
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> HttpResponse:
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
        try:
            connection.putrequest(method, path)
            for name, value in headers:
                connection.putheader(name, value)
            if not any(name.lower() == "content-length" for name, _ in headers):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return HttpResponse(status=answer.status, headers=tuple(answer.getheaders()), body=answer.read())
        finally:
            connection.close()

    return _send


@pytest.fixture(scope="session")
def basic() -> Callable[[str], tuple[str, str]]:
    """Make the `Authorization` header of Basic credentials, `id:secret`."""

    def header(credentials: str) -> tuple[str, str]:
        return "Authorization", f"Basic {base64.b64encode(credentials.encode()).decode()}"

    return header
