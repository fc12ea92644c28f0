"""The section `gateway`: what is refused, where, and how to mend it; and TLS with a server."""

import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.config import load_config
from policy_engine.errors import ConfigError
from policy_engine.integrations.gateway.assembled import Assembled
from tests.integrations.gateway.conftest import MakeSite, Site, call, write

URL = "https://inner.example.com/mcp"


def refused(folder: Path, *, use: bool = False, two: bool = False, **gateway: Any) -> str:
    """What is said of a section."""
    site = Site(folder=folder, base="http://127.0.0.1:8080")
    write(site, {"github": URL, **({"jira": URL} if two else {})})
    file = folder / "policy-engine.yaml"
    values = json.loads(file.read_text())
    values["gateway"] |= gateway
    file.write_text(json.dumps(values))
    with pytest.raises(ConfigError) as caught:  # noqa: PT012 -- whichever finds it
        load_config(file)
        if use:
            Assembled(PolicyEngine.from_config(file))
    return str(caught.value)


def one(**upstream: Any) -> Mapping[str, Any]:
    """Of one server."""
    return {"github": {"url": URL, **upstream}}


@pytest.mark.parametrize(
    ("gateway", "told"),
    [
        ({"upstreams": {}}, "at least 1"),
        ({"upstreams": {"nobody": {"url": URL}}}, "no server is named `nobody`"),
        ({"upstreams": one(url="ftp://x/y")}, "no http or https URL"),
        ({"upstreams": one(url="https://user:pw@x/y")}, "no http or https URL"),
        ({"upstreams": one(url="http://inner/mcp", bearer={"env": "T"})}, "without TLS"),
        ({"upstreams": one(bearer={"env": "T", "file": "t"})}, "exactly one"),
        ({"upstreams": one(bearer="secret")}, "should be"),
        ({"upstreams": one(path="/healthz")}, "answers at `/healthz` itself"),
        ({"upstreams": one(path="/.well-known/oauth-protected-resource/x")}, "itself"),
        ({"upstreams": one(path="x")}, "path"),
        ({"upstreams": one(path="/x?y")}, "path"),
        ({"upstreams": one(tls={"key": "k"})}, "goes with its key"),
        ({"upstreams": one(conections=1)}, "conections"),
        ({"listen": "8080"}, "an address and a port"),
        ({"listen": "127.0.0.1:99999"}, "an address and a port"),
        ({"hosts": ["http://x"]}, "this is no host"),
        ({"timeouts": {"idle": 0}}, "greater than 0"),
        ({"trusted_proxies": ["x"]}, "a network"),
        ({"tls": {"certificate": "c", "key": "k"}}, "nobody else connects"),
    ],
)
def test_a_mistake_in_the_section_is_told(tmp_path: Path, gateway: dict[str, Any], told: str) -> None:
    """Before anything is served."""
    assert told in refused(tmp_path, **gateway)


def test_two_servers_are_never_at_one_place(tmp_path: Path) -> None:
    """Under different hosts they may be."""
    section = {"github": {"url": URL, "path": "/mcp"}, "jira": {"url": URL, "path": "/mcp"}}
    assert "`github` is at the path `/mcp`, too" in refused(tmp_path, two=True, upstreams=section)


def test_what_is_named_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token, a key, a certificate; none of them is quoted."""
    monkeypatch.setenv("ODD", "not a token")
    (tmp_path / "odd").write_text("not a token")
    for gateway, told in (
        ({"upstreams": one(bearer={"env": "NOT_SET"})}, "`NOT_SET` isn't set"),
        ({"upstreams": one(bearer={"env": "ODD"})}, "holds no token"),
        ({"upstreams": one(bearer={"file": "missing"})}, "No such file"),
        ({"upstreams": one(bearer={"file": "odd"})}, "holds no token"),
        ({"upstreams": one(tls={"ca": "missing"})}, "No such file"),
        ({"upstreams": one(tls={"certificate": "odd", "key": "odd"})}, "can't be used"),
        ({"session_key": {"env": "NOT_SET"}}, "`NOT_SET` isn't set"),
        ({"session_key": {"env": "ODD"}}, "isn't 32 bytes"),
    ):
        said = refused(tmp_path, use=True, **gateway)
        assert told in said
        assert "not a token" not in said


def test_tls_with_a_server_is_checked(site: MakeSite, tmp_path: Path) -> None:
    """By the system's certificates, or by those that are named, and never by none."""
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    answer = b'{"jsonrpc":"2.0","id":7,"result":{}}'
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        connection.sendall(head + b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://localhost:{listener.getsockname()[1]}/mcp"
        trusting = site({"github": {"url": url, "tls": {"ca": "cert.pem"}}})
        assert trusting.ask(trusting.machine(), call()).status_code == 200
        wary = site({"github": {"url": url}})
        assert wary.ask(wary.machine(), call()).status_code == 502
        listener.shutdown(socket.SHUT_RDWR)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One for localhost, and its key."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 -- likewise

    from cryptography import x509  # noqa: PLC0415 -- here alone
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 -- likewise
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 -- likewise
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 -- likewise

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"
