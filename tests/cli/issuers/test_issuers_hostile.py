"""`policy-engine issuers`, and issuers that answer as they shouldn't: nothing of it is written, or obeyed."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from policy_engine.cli.issuers.patience import PatientFetcher
from policy_engine.jose import SigningKey
from policy_engine.tokens import Fetch, FetchFailed

NAMED = "  its keys can be named, too: --keys-file FILE, or --keys-uri URL"
WELL_KNOWN = "/.well-known/oauth-authorization-server"
HUGE = b'{"issuer": "' + b"x" * 1024 * 1024 + b'"}'

Change = Callable[[Any, str], None]


def metadata(**members: Any) -> Change:
    """Other members in its metadata; `SITE` stands for its own URL."""

    def change(site: Any, issuer: str) -> None:
        said = {"issuer": issuer, "jwks_uri": f"{issuer}/keys", **members}
        site.put(WELL_KNOWN, json.loads(json.dumps(said).replace("SITE", site.url)))

    return change


def page(path: str, body: Any, **rest: Any) -> Change:
    """Another page."""
    return lambda site, _issuer: site.put(path, body, **rest)


HOSTILE: dict[str, tuple[Change, str]] = {
    "another issuer": (
        metadata(issuer="https://evil.example.com"),
        "its metadata are of another issuer: `https://evil.example.com` (write what its tokens have"
        " for `iss`,"
        " to the last character)",
    ),
    "the same but for the slash": (
        metadata(issuer="SITE/"),
        "its metadata name the issuer `SITE/`, which differs by the slash at the end (`iss` is"
        " compared exactly,"
        " so write `SITE/`)",
    ),
    "an issuer that a terminal would obey": (
        metadata(issuer="https://x/\x1b]0;owned\x07\x9b2J\u202e"),
        "its metadata are of another issuer: `(not printable ASCII)` (write what its tokens have for"
        " `iss`, to"
        " the last character)",
    ),
    "an issuer that is no text": (
        metadata(issuer=["SITE"]),
        "its metadata are of another issuer: `(not text)` (write what its tokens have for `iss`, to the last"
        " character)",
    ),
    "an issuer that is long": (
        metadata(issuer="https://x/" + "y" * 5000),
        f"its metadata are of another issuer: `https://x/{'y' * 190}… (5010 characters)` (write what"
        " its tokens"
        " have for `iss`, to the last character)",
    ),
    "keys on another host, by http": (
        metadata(jwks_uri="http://evil.example.com/keys"),
        "its metadata say that its keys are at `http://evil.example.com/keys`, which isn't https (give"
        " --keys-uri or --keys-file)",
    ),
    "keys with a user": (
        metadata(jwks_uri="https://SITE@evil.example.com/keys"),
        "its metadata's `jwks_uri` isn't a URL (give --keys-uri or --keys-file)",
    ),
    "no keys": (
        metadata(jwks_uri=None),
        "its metadata don't say where its keys are (give --keys-uri or --keys-file)",
    ),
    "metadata that are no object": (
        page(WELL_KNOWN, ["SITE"]),
        "the issuer's document isn't a JSON object (see whether something else answers at its address)",
    ),
    "metadata that are no JSON": (
        page(WELL_KNOWN, b"<html>\x1b[2J"),
        "the issuer's document isn't strict JSON: not_json (see whether something else answers at"
        " its address)",
    ),
    "a member twice": (
        page(WELL_KNOWN, b'{"issuer": "https://a", "issuer": "https://b"}'),
        "the issuer's document isn't strict JSON: duplicate_member (see whether something else answers at its"
        " address)",
    ),
    "huge metadata": (
        page(WELL_KNOWN, HUGE),
        "`HOST` didn't answer: too_large (see that it can be reached from here)",
    ),
    "packed metadata": (
        page(WELL_KNOWN, b"", headers={"Content-Encoding": "gzip"}),
        "`HOST` didn't answer: encoded (see that it can be reached from here)",
    ),
    "a redirect": (
        page(WELL_KNOWN, b"", status=302, headers={"Location": "http://127.0.0.1:9/"}),
        "`HOST` answered with status 404 (no redirect is followed; see what is at its address)",
    ),
    "a redirect of its keys": (
        page("/keys", b"", status=302, headers={"Location": "http://127.0.0.1:9/"}),
        "`HOST` answered with status 302 (no redirect is followed; see what is at its address)",
    ),
    "keys that are no set": (
        page("/keys", {"keys": "x"}),
        "a JWK Set has a list `keys` (see whether something else answers at that address)",
    ),
    "no key in the set": (
        page("/keys", {"keys": []}),
        "its key set has no usable key (see what is published there)",
    ),
    "a shared secret": (
        page("/keys", {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}),
        "its key set has no usable key (see what is published there)",
    ),
    "a key for something else": (
        page("/keys", {"keys": [{**SigningKey.generate("ES256").public_jwk(), "use": "enc"}]}),
        "its key set has no usable key (see what is published there)",
    ),
}


@pytest.mark.parametrize(("change", "said"), HOSTILE.values(), ids=HOSTILE)
def test_an_issuer_that_answers_otherwise_isnt_added(
    project: Any, site: Any, key: SigningKey, change: Change, said: str
) -> None:
    """Exit status 1, one sentence, and the file stays as it is."""
    issuer = site.publish(key)
    change(site, issuer)

    status, lines = project.refused("add", issuer, "-p", "rfc9068")

    host = issuer.removeprefix("http://")
    told = [line.replace(issuer, "SITE").replace(host, "HOST") for line in lines]
    assert told == [f"error: SITE: {said}", NAMED]
    assert status == 1


def test_a_key_must_fit_the_profile(project: Any, site: Any) -> None:
    """A key that no token of such an issuer is signed with proves nothing."""
    issuer = site.publish(SigningKey.generate("EdDSA", kid="\x1b[2J"), SigningKey.generate("EdDSA"))

    result = project.refused("add", issuer, "-p", "spiffe", "--flag", "trust_domain=prod.example.org")

    assert result == (
        1,
        [
            f"error: {issuer}: no key of the 2 in its set goes with the algorithms ES256, ES384,"
            " ES512, PS256,"
            " PS384, PS512, RS256, RS384, RS512: they are for EdDSA (see whether the profile is the"
            " right one)",
            NAMED,
        ],
    )


def test_names_of_keys_are_a_strangers(project: Any, site: Any) -> None:
    """What a terminal would obey isn't shown, nor are all of a hundred."""
    keys = [SigningKey.generate("EdDSA", kid=f"k-{number}") for number in range(7)]
    unnamed = {**SigningKey.generate("ES256").public_jwk(), "kid": None}
    hidden = {**SigningKey.generate("ES256").public_jwk(), "kid": "\x1b[2J"}
    issuer = site.publish()
    site.put("/keys", {"keys": [hidden, unnamed, *(each.public_jwk() for each in keys)]})

    result = project.run("add", issuer, "-p", "rfc9068")

    assert result.stdout.splitlines()[4] == (
        "keys      9 usable ((not printable ASCII): ES256; no kid: ES256; k-0: EdDSA; k-1: EdDSA; k-2: EdDSA;"
        " k-3: EdDSA; and 3 more)"
    )


def test_an_issuer_that_isnt_there_is_told_apart(project: Any) -> None:
    """Nobody listens, or nobody knows the name."""
    nobody = project.refused("add", "http://127.0.0.1:9", "-p", "rfc9068")
    unknown = project.refused("add", "https://nosuch.invalid", "-p", "rfc9068")

    assert nobody == (
        1,
        [
            "error: http://127.0.0.1:9: `127.0.0.1:9` didn't answer: connection: nobody listens there"
            " (see that it"
            " can be reached from here)",
            NAMED,
        ],
    )
    assert unknown == (
        1,
        [
            "error: https://nosuch.invalid: `nosuch.invalid` didn't answer: connection: the host's name"
            " isn't known (see that it can be reached from here)",
            NAMED,
        ],
    )


@pytest.fixture
def secure_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An https server with a certificate that nobody vouches for."""
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
    pem: Path = tmp_path_factory.mktemp("secure") / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )

    class Quiet(HTTPServer):
        def handle_error(self, *_args: Any) -> None:
            """A client that refuses the certificate is what the test is about."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_that_isnt_accepted_is_told(project: Any, secure_site: str) -> None:
    """In words of the library that checks it, so that it can be looked up."""
    status, lines = project.refused("add", secure_site, "-p", "rfc9068")
    host = secure_site.removeprefix("https://")

    assert lines[0].startswith(
        f"error: {secure_site}: `{host}` didn't answer: connection: the certificate isn't accepted: self"
    )
    assert status == 1


def test_an_issuer_that_never_ends_to_answer_is_given_up(site: Any) -> None:
    """One span of time for all that it is asked for, however many addresses it has."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    for number in range(5):
        site.put(f"/slow/{number}", b"", write=drip)
    fetcher = PatientFetcher(total=0.3)
    began = time.monotonic()

    answers = [fetcher.fetch(Fetch(f"{site.url}/slow/{number}")) for number in range(5)]

    assert answers == [FetchFailed("timeout")] * 5
    assert time.monotonic() - began < 2
    assert site.hits == ["/slow/0"]


def test_an_address_is_asked_once(site: Any) -> None:
    """What came of it is said again."""
    site.put("/a", {"a": 1})
    fetcher = PatientFetcher()

    first, second = (fetcher.fetch(Fetch(f"{site.url}/a")) for _ in range(2))

    assert first is second
    assert site.hits == ["/a"]
    assert list(fetcher.bodies()) == [b'{"a": 1}']
