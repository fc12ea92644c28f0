"""A clock that tests set, keys that really sign, and a web site that really answers."""

import asyncio
import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from policy_engine.errors import TokenError
from policy_engine.jose import KeySet, SigningKey, sign
from policy_engine.model import VerifiedToken
from policy_engine.tokens import (
    AsyncHttpFetcher,
    Fetch,
    FetchFailed,
    FetchResult,
    HttpFetcher,
    Introspection,
    Issuer,
    KeySource,
    SecretBasic,
    StaticKeys,
    Steps,
    TokenRules,
    Verifier,
    drive,
    drive_async,
)
from tests.plugins.introspection_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    IntrospectionServer,
    serve_introspection,
)

NOW = 1_800_000_000.0
ISSUER = "https://login.example.com/realms/corp"
SERVER = "https://mcp.example.com/github"
T = TypeVar("T")

# The site speaks http; loading the public certificates for each run would take most of the tests' time.
TRUST_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

AUDIENCES = {name: frozenset({SERVER}) for name in ("corp", "partner", "mesh")}


@dataclass
class Clock:
    """Time that passes when a test says so."""

    time: float = NOW

    def __call__(self) -> float:
        """The time now."""
        return self.time


@dataclass
class Page:
    """What the site answers under one path; `write` may answer in its own way."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[BaseHTTPRequestHandler], None] | None = None


class Site:
    """A web server on this machine, with pages that a test can change."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.hits: list[str] = []
        self.requests: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections stay open, if the client wants them to

            def do_GET(self) -> None:  # the name is http.server's
                site.hits.append(self.path)
                site.requests.append(dict(self.headers))
                page = site.pages.get(self.path, Page(b"not found", 404))
                if page.write is not None:
                    self.close_connection = True
                    page.write(self)
                    return
                self.send_response(page.status)
                for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_args: Any) -> None:
                """A client that hangs up is what some tests are about."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def put(self, path: str, body: Any, **rest: Any) -> None:
        """Publish bytes as they are, and anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.pages[path] = Page(data, **rest)

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class NoNetwork:
    """Whoever asks it for something shouldn't have."""

    def fetch(self, request: Fetch, /) -> FetchFailed:
        """Fail the test."""
        pytest.fail(f"fetched {request.url}")


class ChangingKeys:
    """Keys that a test changes."""

    def __init__(self, *keys: SigningKey) -> None:
        self.change(*keys)

    def change(self, *keys: SigningKey) -> None:
        """Publish other keys."""
        self.now = KeySet.from_jwks({"keys": [key.public_jwk() for key in keys]})

    def keys(self, _kid: str | None, /) -> Steps[KeySet]:
        """The keys as they were last published."""
        yield from ()
        return self.now

    def current(self, _kid: str | None, /) -> KeySet:
        """The same, at once."""
        return self.now


class Corp:
    """An issuer, what it signs, and a server that judges it; nothing may be fetched."""

    def __init__(self, key: SigningKey) -> None:
        self.key = key
        self.clock = Clock()
        self.keys = StaticKeys({"keys": [key.public_jwk()]})
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": "alice",
            "aud": SERVER,
            "exp": NOW + 300,
            "iat": NOW,
            "nbf": NOW,
            "jti": "t-1",
            "client_id": "desktop",
        }

    def mint(
        self,
        changes: dict[str, Any] | None = None,
        /,
        *,
        key: SigningKey | None = None,
        typ: str | None = "at+jwt",
    ) -> str:
        """Sign a good token, with some claims changed (`...` leaves one out)."""
        changed = {**self.claims, **(changes or {})}
        claims = {name: value for name, value in changed.items() if value is not ...}
        return sign(
            {name: claims[name] for name in claims if claims[name] is not ...}, key or self.key, typ=typ
        )

    def issuer(self, rules: TokenRules | None = None, /, **rest: Any) -> Issuer:
        """This issuer as a configuration has it, or another one with the same keys."""
        values: dict[str, Any] = {"name": "corp", "url": ISSUER, "keys": self.keys, **rest}
        return Issuer(rules=rules or TokenRules(), **values)

    def verifier(self, rules: TokenRules | None = None, /, **options: Any) -> Verifier:
        """A verifier that trusts this issuer alone, by these rules."""
        return Verifier([self.issuer(rules)], self.clock, **options)

    def verifier_with(self, keys: KeySource, rules: TokenRules | None = None) -> Verifier:
        """A verifier that trusts this issuer, and gets its keys elsewhere."""
        return Verifier([self.issuer(rules, keys=keys)], self.clock)

    def judge(
        self, token: Any, audiences: Any = AUDIENCES, *, by: Verifier | None = None
    ) -> VerifiedToken | tuple[str, str | None]:
        """What verification says: the verified token, or the code and detail of the refusal."""
        try:
            return drive((by or self.verifier()).verify(token, audiences), NoNetwork())
        except TokenError as error:
            return error.code, error.detail


@pytest.fixture
def clock() -> Clock:
    """A clock at `NOW`."""
    return Clock()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def corp_key() -> SigningKey:
    """The key of the issuer `corp`."""
    return SigningKey.generate("EdDSA", kid="corp-1")


@pytest.fixture
def corp(corp_key: SigningKey) -> Corp:
    """The issuer `corp`, with a clock of its own."""
    return Corp(corp_key)


def in_a_thread(steps: Steps[T]) -> T:
    """Run steps with the blocking driver and fetcher."""
    fetcher = HttpFetcher(timeout=0.5, ssl_context=TRUST_NOBODY)
    try:
        return drive(steps, fetcher)
    finally:
        fetcher.close()


def in_a_loop(steps: Steps[T]) -> T:
    """Run steps with the other ones."""

    async def run() -> T:
        fetcher = AsyncHttpFetcher(timeout=0.5, ssl_context=TRUST_NOBODY)
        try:
            return await drive_async(steps, fetcher)
        finally:
            await fetcher.close()

    return asyncio.run(run())


@pytest.fixture(params=[in_a_thread, in_a_loop])
def run(request: pytest.FixtureRequest) -> Any:
    """Each way to run steps."""
    return request.param


def fetch_in_a_thread(url: str, **options: Any) -> FetchResult:
    """Fetch with the blocking fetcher."""
    return HttpFetcher(**{"ssl_context": TRUST_NOBODY, **options}).fetch(Fetch(url))


def fetch_in_a_loop(url: str, **options: Any) -> FetchResult:
    """Fetch with the other one."""
    return asyncio.run(AsyncHttpFetcher(**{"ssl_context": TRUST_NOBODY, **options}).fetch(Fetch(url)))


@pytest.fixture(params=[fetch_in_a_thread, fetch_in_a_loop])
def get(request: pytest.FixtureRequest) -> Any:
    """Each way to fetch."""
    return request.param


@pytest.fixture
def secure_site(tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """An https server with a certificate of its own making, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    class Quiet(HTTPServer):
        def handle_error(self, *_args: Any) -> None:
            """A client that refuses the certificate is what the test is about."""

    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(pem)
    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = server_side.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/", ssl.create_default_context(cafile=pem)
    server.shutdown()
    server.server_close()
    thread.join()


class Opaque:
    """An issuer of opaque tokens: what it says of them, and whoever asks it about them."""

    def __init__(self, server: IntrospectionServer, key: SigningKey) -> None:
        self.server = server
        self.key = key
        self.clock = Clock()
        self.claims: dict[str, Any] = {
            "iss": server.issuer,
            "sub": "alice",
            "aud": SERVER,
            "exp": NOW + 300,
            "iat": NOW,
            "jti": "t-1",
            "client_id": "desktop",
            "token_type": "Bearer",
        }

    def introspection(self, **options: Any) -> Introspection:
        """How it is asked."""
        credentials = SecretBasic(client_id=CLIENT_ID, secret=CLIENT_SECRET)
        values: dict[str, Any] = {"uri": self.server.uri, "credentials": credentials, **options}
        return Introspection(
            **{"issuer_url": self.server.issuer, "now": self.clock, "allow_loopback_http": True, **values}
        )

    def issuer(self, name: str = "corp", url: str | None = None, **options: Any) -> Issuer:
        """It, as a configuration has it; its keys sign tokens, too."""
        return Issuer(
            name=name,
            url=url or self.server.issuer,
            rules=TokenRules(),
            keys=StaticKeys({"keys": [self.key.public_jwk()]}),
            introspection=self.introspection(**options),
        )

    def verifier(self, **options: Any) -> Verifier:
        """A verifier that asks it about every opaque token for the server `github`."""
        return Verifier([self.issuer(**options)], self.clock, introspected_at={"github": "corp"})

    def give(self, token: str, changes: dict[str, Any] | None = None) -> str:
        """Give out a token, with some claims changed (`...` leaves one out)."""
        changed = {**self.claims, **(changes or {})}
        self.server.tokens[token] = {name: value for name, value in changed.items() if value is not ...}
        return token


@pytest.fixture
def opaque(corp_key: SigningKey) -> Iterator[Opaque]:
    """An issuer of opaque tokens that answers."""
    with serve_introspection(corp_key) as server:
        yield Opaque(server, corp_key)


def judged(steps: Steps[VerifiedToken], run: Callable[[Any], Any]) -> VerifiedToken | tuple[str, str | None]:
    """What verification says: the verified token, or the code and detail of the refusal."""
    try:
        verified: VerifiedToken = run(steps)
    except TokenError as error:
        return error.code, error.detail
    return verified


@pytest.fixture
def ask(run: Any) -> Callable[..., VerifiedToken | tuple[str, str | None]]:
    """Verify a token for the server `github`, in each way to run steps."""

    def verify(verifier: Verifier, token: Any, server: str | None = "github", **options: Any) -> Any:
        return judged(verifier.verify(token, options.get("audiences", AUDIENCES), server), run)

    return verify
