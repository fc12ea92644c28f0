"""What a refused assertion costs: the same signature checks, whomever it names."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    HttpRequest,
    IssuanceEvent,
    MemoryClientRegistry,
    RegisteredClient,
    client_assertion,
)
from policy_engine.jose import ALGORITHMS, SigningKey

ISSUER = "https://as.example.com"
NOW = 1_800_000_000

Answer = Callable[[str], int]


def signing_input(header: dict[str, Any], client_id: str) -> bytes:
    """The part of an assertion that is signed."""
    parts = (header, {"iss": client_id, "sub": client_id})
    return b".".join(encoded(json.dumps(part).encode()) for part in parts)


def encoded(data: bytes) -> bytes:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def status_of(server: AuthorizationServer, assertion: str) -> int:
    """The answer to one assertion."""
    form = {
        "grant_type": "client_credentials",
        "resource": "https://mcp.example.com/github",
        "scope": "issues:read",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = HttpRequest(method="POST", path="/token", headers=headers, body=urlencode(form).encode())
    return server.handle(request).status


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The algorithms of all signature checks that are made; each is made as always."""
    made: list[str] = []
    for name, row in ALGORITHMS.items():

        def verify(
            *args: Any, name: str = name, real: Callable[..., bool] = row.implementation.verify
        ) -> bool:
            made.append(name)
            return real(*args)

        monkeypatch.setattr(row.implementation, "verify", verify)
    return made


@pytest.fixture
def answer(
    make_server: Callable[..., AuthorizationServer],
    make_client: Callable[..., RegisteredClient],
    clients: tuple[RegisteredClient, ...],
) -> Answer:
    """The status that an assertion gets from a server whose clients have keys of many sorts."""
    named = [SigningKey.generate("ES256", kid=f"ci-{number}").public_jwk() for number in range(1, 5)]
    bare = [{name: jwk[name] for name in ("kty", "crv", "x", "y")} for jwk in named[:2]]
    other = SigningKey.generate("ES384").public_jwk()
    method = "private_key_jwt"
    more = [
        make_client("ci", method, jwks={"keys": named[:1]}),
        make_client("off", method, jwks={"keys": named[:1]}, enabled=False),
        make_client("rotating", method, jwks={"keys": named}),
        make_client("unnamed", method, jwks={"keys": bare}),
        make_client(
            "prescribed", method, jwks={"keys": [*named[:1], other]}, token_endpoint_auth_signing_alg="ES384"
        ),
    ]
    server = make_server(clients=MemoryClientRegistry([*clients, *more]))
    return lambda assertion: status_of(server, assertion)


@pytest.mark.parametrize(
    ("client_id", "alg", "kid", "reason"),
    [
        ("nobody", "ES256", "ci-1", "unknown_client"),
        ("nobody", "ES256", None, "unknown_client"),
        ("nobody", "ES512", None, "unknown_client"),
        ("a secret in the wrong place", "ES256", None, "unknown_client"),
        ("basic-bot", "ES256", "ci-1", "other_method"),
        ("off", "ES256", "ci-1", "disabled_client"),
        ("ci", "ES256", "ci-1", "assertion_unverified"),  # a bad signature
        ("ci", "ES256", None, "assertion_unverified"),
        ("ci", "ES256", "ci-9", "assertion_unverified"),  # no such key
        ("ci", "ES512", "ci-1", "assertion_unverified"),  # no key of that type
        ("rotating", "ES256", None, "assertion_unverified"),  # four keys fit
        ("rotating", "ES256", "ci-2", "assertion_unverified"),
        ("unnamed", "ES256", "ci-9", "assertion_unverified"),  # keys without `kid` fit any
        ("prescribed", "ES256", "ci-1", "assertion_unverified"),  # it has to use another algorithm
    ],
)
def test_every_refusal_costs_the_same_signature_checks(  # noqa: PLR0917 -- a row, and what it needs
    client_id: str,
    alg: str,
    kid: str | None,
    reason: str,
    answer: Answer,
    events: list[IssuanceEvent],
    checked: list[str],
) -> None:
    """Or the time of the answer would tell who is registered, and with which keys."""
    text = signing_input({"alg": alg} | ({} if kid is None else {"kid": kid}), client_id)
    stranger = SigningKey.generate(alg)

    status = answer((text + b"." + encoded(stranger.signature(text))).decode())

    assert (status, events[0].reason, checked) == (401, reason, [alg] * 5)


@pytest.mark.parametrize("client_id", ["small", "large", "nobody"])
@pytest.mark.parametrize("size", [256, 384, 512, 1024])
def test_a_signature_of_any_length_costs_as_many_checks_of_that_length(  # noqa: PLR0917 -- what it needs
    make_server: Callable[..., AuthorizationServer],
    make_client: Callable[..., RegisteredClient],
    rsa_key: SigningKey,
    monkeypatch: pytest.MonkeyPatch,
    client_id: str,
    size: int,
) -> None:
    """One that doesn't fit its key is refused for nothing, which would tell how long a client's key is."""
    sizes: list[int] = []
    row = ALGORITHMS["RS256"].implementation
    real = row.verify

    def verify(text: bytes, key: Any, signature: bytes) -> bool:
        sizes.append(key.key_size // 8)
        return bool(real(text, key, signature))

    monkeypatch.setattr(row, "verify", verify)
    modulus = encoded(b"\xc0" + b"\x55" * 511).decode()
    clients = [
        make_client("small", "private_key_jwt", jwks={"keys": [rsa_key.public_jwk()]}),
        make_client("large", "private_key_jwt", jwks={"keys": [{"kty": "RSA", "n": modulus, "e": "AQAB"}]}),
    ]
    server = make_server(clients=MemoryClientRegistry(clients))
    text = signing_input({"alg": "RS256"}, client_id)

    assert status_of(server, (text + b"." + encoded(b"\x7f" * size)).decode()) == 401

    assert sizes.count(size) == 5


@pytest.mark.parametrize("size", [0, 1, 255, 1025, 5000])
def test_a_signature_that_no_key_can_make_asks_for_no_new_key(answer: Answer, size: int) -> None:
    """Keys of nobody are as long as those that can be registered."""
    text = signing_input({"alg": "PS512"}, "nobody")

    assert answer((text + b"." + encoded(b"\x7f" * size)).decode()) == 401


@pytest.mark.parametrize("client_id", ["ci", "nobody"])
@pytest.mark.parametrize(("alg", "member"), [("none", "x"), ("HS256", "x"), (7, "x"), ("ES256", "jwk")])
def test_a_header_that_is_never_accepted_costs_nothing(
    client_id: str, alg: object, member: str, answer: Answer, checked: list[str]
) -> None:
    """Whomever it names."""
    text = signing_input({"alg": alg, member: {}}, client_id)

    status = answer((text + b"." + b"A" * 86).decode())

    assert (status, checked) == (401, [])


def test_a_good_assertion_costs_one_signature_check(
    make_server: Callable[..., AuthorizationServer], make_assertion: Callable[..., str], checked: list[str]
) -> None:
    """The first key that fits ends the search; only refusals have to look alike."""
    assert status_of(make_server(), make_assertion({})) == 200
    assert checked == ["ES256"]


def test_keys_that_fill_up_open_nothing(
    make_server: Callable[..., AuthorizationServer], make_client: Callable[..., RegisteredClient]
) -> None:
    """A client whose key is of another type isn't entered with a stranger's key, whatever its name."""
    key = SigningKey.generate("EdDSA")
    client = make_client("bot", "private_key_jwt", jwks={"keys": [key.public_jwk()]})
    server = make_server(clients=MemoryClientRegistry([client]))
    stranger = SigningKey.generate("ES256", kid=key.kid)

    assert status_of(server, client_assertion("bot", ISSUER, stranger, NOW)) == 401
    assert status_of(server, client_assertion("bot", ISSUER, key, NOW)) == 200
