"""`serve authserver` and `token get`: real processes, real HTTP, real files."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner, Result

from policy_engine.authserver import Secret, SecretHash
from policy_engine.cli import app
from policy_engine.engine import PolicyEngine
from policy_engine.jose import SigningKey, new_sealing_key, peek
from policy_engine.model.stored import ClientChange
from policy_engine.storage import open_store

GITHUB = "https://mcp.example.com/github"
SECRET = "hush-hush-hush-hush-hush-hush-hush-hush-hush"

CONFIG = """\
version: 1
development: {development}
servers:
  github: {{resource: https://mcp.example.com/github}}
issuers:
  machines:
    issuer: {issuer}
    profile: policy-engine
    clients: {{ci-bot: {{grants: [client_credentials]}}}}
policies: p.cedar
authserver:
  issuer: {issuer}
  store: machines.db
  key_encryption: {{file: as.key}}
  scopes: {{github: [issues:read, issues:write]}}
  events: {{file: issuance.jsonl}}
"""

Serve = Callable[..., Any]
Run = Callable[..., Result]


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client_key: SigningKey) -> Path:
    """A folder with a configuration, and two clients in its store."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    (tmp_path / "as.key").touch(0o600)
    (tmp_path / "as.key").write_text(new_sealing_key())
    (tmp_path / "ci-bot.jwk").write_text(json.dumps(client_key.to_jwk()))
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "other").write_text("another-secret-than-the-one-that-is-registered")
    (tmp_path / "p.cedar").write_text('@id("m") permit (principal is Client, action, resource);')
    common = {
        "category": "service",
        "grant_types": ["client_credentials"],
        "resources": [GITHUB],
        "scope": "issues:read",
        "default_scope": "issues:read",
    }
    jwks = {"keys": [client_key.public_jwk()]}
    hashes_ = [{"sha256": SecretHash.of(Secret(SECRET)).sha256}]
    clients: list[dict[str, Any]] = [
        {"client_id": "ci-bot", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks},
        {"client_id": "basic", "token_endpoint_auth_method": "client_secret_basic", "secret_hashes": hashes_},
        {"client_id": "post", "token_endpoint_auth_method": "client_secret_post", "secret_hashes": hashes_},
    ]
    store = open_store(f"sqlite:///{tmp_path}/machines.db")
    store.clients.change(
        [ClientChange(client_id=each["client_id"], document={**common, **each}) for each in clients],
        expected_version=None,
        now=time.time(),
    )
    store.close()
    return tmp_path


@pytest.fixture(scope="session")
def client_key() -> SigningKey:
    """The key of `ci-bot`."""
    return SigningKey.generate("ES256")


def write(folder: Path, *, issuer: str | None = None, development: str = "true") -> str:
    """Write the configuration; the issuer is at a free port unless another is given."""
    issuer = issuer or f"http://127.0.0.1:{free_port()}"
    (folder / "policy-engine.yaml").write_text(CONFIG.format(issuer=issuer, development=development))
    return issuer


@contextmanager
def served(*arguments: str, line: str = r"listening at (\S+), as the issuer (\S+)") -> Iterator[Any]:
    """Run the command, wait for its line, and end it; yields the process and the URLs of the line."""
    command = [sys.executable, "-m", "policy_engine", "serve", "authserver", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        match = re.fullmatch(line, process.stdout.readline().strip())
        assert match, process.communicate(timeout=10)
        yield process, *match.groups()
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def got(url: str, context: ssl.SSLContext | None = None) -> tuple[int, dict[str, Any]]:
    """Status and document of an address."""
    try:
        with urlopen(url, timeout=10, context=context) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def run() -> Run:
    """Run the command line in this process."""
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def token(run: Run, *arguments: str) -> Result:
    """`token get` for the one resource."""
    return run("token", "get", *arguments, "--resource", GITHUB)


def test_a_machine_gets_a_token_that_opens_its_server(folder: Path, run: Run) -> None:
    """By each method; the token alone is printed, and the engine takes its bearer for this machine."""
    with served() as (_process, url, issuer):
        assert url == issuer
        results = [
            token(run, "ci-bot", "--scope", "issues:read", "--private-key", "ci-bot.jwk"),
            token(run, "basic", "--secret-file", "secret"),
            token(run, "post", "--secret-file", "secret", "--method", "client_secret_post"),
            token(run, "basic", "--secret-file", "secret", "--issuer", issuer, "-c", "nothing.yaml"),
        ]
        engine = PolicyEngine.from_config(folder / "policy-engine.yaml")
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        decision = engine.evaluate(results[0].stdout.strip(), message)
        engine.close()

    assert [(result.exit_code, result.stderr) for result in results] == [(0, "")] * 4
    subjects = [json.loads(peek(result.stdout.strip()).payload)["sub"] for result in results]
    assert subjects == ["ci-bot", "basic", "post", "basic"]
    assert (decision.code, str(decision.principal and decision.principal.uid)) == (
        "allowed",
        'Client::"machines/ci-bot"',
    )
    assert len((folder / "issuance.jsonl").read_text().splitlines()) == 4


@pytest.mark.usefixtures("folder")
def test_a_refusal_is_told_as_the_server_tells_it(run: Run) -> None:
    """With status 1: it is an answer."""
    client = "401: invalid_client: client authentication failed"
    scope = "400: invalid_scope: the scope is missing, malformed or not available to this client"
    with served():
        results = [
            token(run, "basic", "--secret-file", "other"),
            token(run, "post", "--secret-file", "secret"),
            token(run, "basic", "--secret-file", "secret", "--scope", "issues:write"),
        ]

    assert [(result.exit_code, result.stdout, result.stderr) for result in results] == [
        (1, "", f"error: the server refused: {told}\n") for told in (client, client, scope)
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("basic",),
            "how does the client prove who it is? (give either --secret-file or --private-key)",
        ),
        (
            ("basic", "--secret-file", "secret", "--private-key", "ci-bot.jwk"),
            "how does the client prove who it is? (give either --secret-file or --private-key)",
        ),
        (("basic", "--secret-file", "nothing"), "nothing: No such file or directory"),
        (
            ("basic", "--secret-file", "ci"),
            "ci: the file holds no secret of one line (write the secret alone)",
        ),
        (
            ("basic", "--private-key", "secret"),
            "secret: the file holds no private JWK (write one private JWK)",
        ),
        (
            ("basic", "--secret-file", "secret", "--issuer", "http://as.example.com"),
            "the issuer is neither https nor http on loopback (give its identifier: --issuer)",
        ),
        (
            ("basic", "--secret-file", "secret", "--issuer", "http://127.0.0.1:9"),
            "the issuer's metadata can't be had: `127.0.0.1:9` didn't answer: connection",
        ),
    ],
)
def test_what_keeps_a_request_from_being_sent(
    arguments: tuple[str, ...], error: str, folder: Path, run: Run
) -> None:
    """With status 2, and without what was in the files."""
    (folder / "ci").write_text("two\nlines")
    result = token(run, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {error}")
    assert SECRET not in result.stderr


class Stranger(BaseHTTPRequestHandler):
    """A server that sends back what it was sent, and names another's endpoint where it is told to."""

    elsewhere = False

    def do_GET(self) -> None:
        """Metadata."""
        base = f"http://{self.headers['Host']}"
        host = "http://127.0.0.1:9" if self.elsewhere else base
        self._send(200, {"issuer": base, "token_endpoint": f"{host}/token"})

    def do_POST(self) -> None:
        """All that came, as a description."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send(400, {"error": "odd\x1b[31m", "error_description": f"you sent {body}", "hint": body})

    def _send(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.mark.usefixtures("folder")
def test_what_a_strange_server_sends_back_isnt_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the secret, nor what a terminal would obey; and nothing is sent to another host."""
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        at = ("post", "--issuer", f"http://127.0.0.1:{server.server_port}", "--secret-file", "secret")
        echoed = token(run, *at, "--method", "client_secret_post")
        monkeypatch.setattr(Stranger, "elsewhere", True)
        elsewhere = token(run, *at)
        server.shutdown()

    assert (echoed.exit_code, echoed.output) == (1, "error: the server refused: 400: (not printable ASCII)\n")
    assert (elsewhere.exit_code, elsewhere.output) == (
        2,
        "error: the metadata name no token endpoint on the issuer's host (see what answers there)\n",
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_ends_it_after_what_is_being_answered(folder: Path, workers: str) -> None:
    """With status 0; a connection that was kept alive doesn't keep it."""
    with served("--workers", workers) as (process, url, _issuer):
        deadline = time.monotonic() + 20
        while got(f"{url}/readyz")[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        idle = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        began = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        began.sendall(
            b"POST /token HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 3\r\n\r\na"
        )
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        began.sendall(b"=b")
        answer = began.recv(65536)
        status = process.wait(20)
        output = process.communicate()
        idle.close()
        began.close()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert (status, output) == (0, ("", ""))
    assert (folder / "issuance.jsonl").read_text().count("missing_parameter") == 1


@pytest.mark.long
@pytest.mark.usefixtures("folder")
def test_workers_share_port_keys_and_used_assertions(run: Run) -> None:
    """Whichever of them answers; and none outlives the process that started them, even if that was killed."""
    with served("--workers", "2") as (process, url, _issuer):
        kids = {got(f"{url}/jwks.json")[1]["keys"][0]["kid"] for _ in range(10)}
        results = [token(run, "ci-bot", "--private-key", "ci-bot.jwk") for _ in range(6)]
        process.kill()
        port, deadline = int(url.rpartition(":")[2]), time.monotonic() + 15
        while is_taken(port) and time.monotonic() < deadline:
            time.sleep(0.1)

    assert not is_taken(port)
    assert len(kids) == 1
    assert {peek(result.stdout.strip()).header["kid"] for result in results} == kids


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_a_server_for_development_binds_loopback_alone(host: str, folder: Path, run: Run) -> None:
    """Its issuer is http, and its keys may be anybody's."""
    result = run("serve", "authserver", "--host", host, "--port", "0")

    assert (result.exit_code, result.output) == (
        2,
        "error: a server for development binds loopback addresses only (use 127.0.0.1, or a configuration "
        "without `development: true`)\n",
    )
    assert not (folder / "issuance.jsonl").exists()


def test_others_can_connect_in_production_and_tls_is_asked_for(folder: Path) -> None:
    """A proxy may end TLS; that one is needed is said."""
    write(folder, issuer="https://as.example.com", development="false")
    with served("--host", "0.0.0.0", "--port", "0") as (process, url, issuer):  # noqa: S104
        port = url.rpartition(":")[2]
        assert (issuer, got(f"http://127.0.0.1:{port}/healthz")) == (
            "https://as.example.com",
            (200, {"status": "alive"}),
        )
        process.terminate()
        _, errors = process.communicate(timeout=20)

    assert errors == (
        "warning: others can connect without TLS; put a proxy in front that ends it, and name that under "
        "`authserver.trusted_proxies`, or give --tls-cert and --tls-key\n"
    )


@pytest.mark.parametrize("proxies", ["", "  trusted_proxies: [10.0.0.0/8]\n"])
def test_a_proxy_that_isnt_named_is_warned_of(proxies: str, folder: Path) -> None:
    """Behind one, all requests would share the limits of one source."""
    write(folder, issuer="https://as.example.com", development="false")
    with (folder / "policy-engine.yaml").open("a") as file:
        file.write(proxies)
    with served("--port", "0") as (process, _url, _issuer):
        process.terminate()
        _, errors = process.communicate(timeout=20)

    assert errors == (
        ""
        if proxies
        else "warning: the issuer is https, and TLS isn't ended here; name the proxy that ends it under "
        "`authserver.trusted_proxies`, or all requests count as from that one, and share its limits\n"
    )


def certificate(folder: Path) -> None:
    """Make a certificate for 127.0.0.1, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tls.key").write_bytes(private)


def test_tls_is_ended_here_where_a_certificate_is_given(folder: Path, run: Run) -> None:
    """One without its key, or with another's, is told before anything is served."""
    write(folder, issuer="https://as.example.com", development="false")
    certificate(folder)
    with served("--port", "0", "--tls-cert", "tls.pem", "--tls-key", "tls.key") as (_process, url, _issuer):
        port = url.rpartition(":")[2]
        context = ssl.create_default_context(cafile=str(folder / "tls.pem"))
        assert got(f"https://localhost:{port}/readyz", context) == (200, {"status": "ready"})

    half = run("serve", "authserver", "--port", "0", "--tls-cert", "tls.pem")
    wrong = run("serve", "authserver", "--port", "0", "--tls-cert", "tls.pem", "--tls-key", "ci-bot.jwk")
    assert url == f"https://127.0.0.1:{port}"
    assert (half.exit_code, half.output) == (
        2,
        "error: a certificate goes with its key (give both --tls-cert and --tls-key)\n",
    )
    assert wrong.exit_code == 2
    assert wrong.output.startswith("error: certificate or key can't be used: ")


def test_what_is_wrong_is_told_before_it_listens(folder: Path, run: Run) -> None:
    """A port that is taken, a key that can't be opened, a section that isn't there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = run("serve", "authserver", "--port", str(taken.getsockname()[1]))
    (folder / "as.key").write_text(new_sealing_key())
    key = run("serve", "authserver", "--port", "0")
    text = (folder / "policy-engine.yaml").read_text()
    (folder / "policy-engine.yaml").write_text(text[: text.index("authserver:")])
    section = run("serve", "authserver", "--port", "0")

    assert [result.exit_code for result in (port, key, section)] == [2, 2, 2]
    assert port.output == "error: Address already in use\n"
    assert key.output.startswith("error: ")
    assert "can't be opened" in key.output
    assert "the configuration has no `authserver`" in section.output


@pytest.mark.parametrize("absent", ["sqlalchemy", "uvicorn"])
@pytest.mark.usefixtures("folder")
def test_an_extra_that_isnt_installed_is_named(absent: str) -> None:
    """In one line; the commands that don't need it still work."""
    program = (
        f"import sys; sys.modules[{absent!r}] = None; sys.argv[1:] = {{!r}}; "
        "from policy_engine.cli import main; main()"
    )

    def ran(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", program.format(list(arguments))],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )
        return done.returncode, done.stderr

    status, error = ran("serve", "authserver", "--port", "0")
    assert status == 2
    assert error.count("\n") == 1
    assert f"`{absent}` isn't installed" in error
    assert "pip install 'policy-engine[server]'" in error
    assert ran("validate") == (0, "")
