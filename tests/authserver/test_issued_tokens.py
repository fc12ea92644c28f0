"""Tokens that are issued: who gets them, and exactly what is in them."""

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    Catalogue,
    HttpRequest,
    HttpResponse,
    IssuanceEvent,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    Secret,
    SecretHash,
    StaticKeys,
    client_assertion,
)
from policy_engine.jose import SigningKey, VerifiedJws, verify
from policy_engine.model.claims import MACHINE_CATEGORIES
from policy_engine.model.strict_json import dumps

GITHUB = "https://mcp.example.com/github"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
NOW = 1_800_000_000
ASK = {"grant_type": "client_credentials", "resource": GITHUB, "scope": "issues:read"}

MakeServer = Callable[..., AuthorizationServer]
Header = tuple[str, str]


def post(server: AuthorizationServer, form: Mapping[str, str], *headers: Header) -> HttpResponse:
    """Ask for a token without a network."""
    request = HttpRequest(
        method="POST", path="/token", headers=(FORM, *headers), body=urlencode(form).encode()
    )
    return server.handle(request)


def test_a_client_gets_a_token_over_http_that_its_server_can_verify(
    served: str, client_key: SigningKey, signing_key: SigningKey, events: list[IssuanceEvent]
) -> None:
    """With an assertion, a token of RFC 9068 that says it is a machine's (RFC 6749 section 5.1)."""
    assertion = client_assertion("ci-bot", served, client_key, NOW, new_jti=lambda: "assertion-a")
    form = ASK | {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "client_id": "ci-bot",
    }
    request = Request(f"{served}/token", urlencode(form).encode())

    with urlopen(request) as response:
        headers, body = response.headers, json.load(response)
    with urlopen(f"{served}/jwks.json") as response:
        jwks = json.load(response)
    token = body.pop("access_token")

    assert body == {"token_type": "Bearer", "expires_in": 300, "scope": "issues:read"}
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/json", "no-store")
    assert verify(token, jwks, [signing_key.algorithm]) == VerifiedJws(
        {"alg": "EdDSA", "typ": "at+jwt", "kid": "server-1"},
        dumps(
            {
                "iss": served,
                "aud": GITHUB,
                "exp": NOW + 300,
                "iat": NOW,
                "nbf": NOW,
                "jti": "token-1",
                "client_id": "ci-bot",
                "sub": "ci-bot",
                "scope": "issues:read",
                "gty": "client_credentials",
                "sub_profile": "service",
            }
        ),
    )
    assert events == [
        IssuanceEvent(
            time=NOW,
            issued=True,
            client_id="ci-bot",
            authenticated=True,
            method="private_key_jwt",
            kid="server-1",
            jti="token-1",
            assertion_jti="assertion-a",
            assertion_kid=client_key.kid,
            resource=GITHUB,
            scopes=("issues:read",),
            expires_at=NOW + 300,
        )
    ]


def test_an_agent_gets_its_defaults(
    make_server: MakeServer, signing_key: SigningKey, events: list[IssuanceEvent]
) -> None:
    """Without `scope` and `resource`, those that the operator set; its kind and lifetime are the client's."""
    form = {"grant_type": "client_credentials", "client_id": "agent", "client_secret": "current"}

    body = json.loads(post(make_server(), form).body)
    claims = json.loads(
        verify(body.pop("access_token"), signing_key.public_jwk(), [signing_key.algorithm]).payload
    )

    assert body == {"token_type": "Bearer", "expires_in": 60, "scope": "issues:read"}
    assert claims == {
        "iss": "https://as.example.com",
        "aud": GITHUB,
        "exp": NOW + 60,
        "iat": NOW,
        "nbf": NOW,
        "jti": "token-1",
        "client_id": "agent",
        "sub": "agent",
        "scope": "issues:read",
        "gty": "client_credentials",
        "sub_profile": "ai_agent",
    }
    assert (events[0].assertion_jti, events[0].assertion_kid) == (None, None)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC "])
@pytest.mark.parametrize("charset", ["", ";charset=utf-8", '; Charset="UTF-8"'])
def test_basic_credentials_get_a_token(
    scheme: str, charset: str, make_server: MakeServer, basic: Callable[[str], Header]
) -> None:
    """Scheme and media type compare without case (RFC 9110); `client_id` may be said again."""
    name, value = basic("basic-bot:current")
    headers = ((name, value.replace("Basic", scheme)), (FORM[0], FORM[1] + charset))
    body = urlencode(ASK | {"client_id": "basic-bot", "unknown": "ignored"}).encode()

    response = make_server().handle(HttpRequest(method="POST", path="/token", headers=headers, body=body))

    assert response.status == 200


def test_encoded_and_plain_basic_credentials_are_the_same(
    make_server: MakeServer, basic: Callable[[str], Header], make_client: Callable[..., RegisteredClient]
) -> None:
    """Clients disagree on appendix B of RFC 6749; ids and secrets of ours don't depend on it."""
    secret = "a-Z_0.9~"
    client = make_client("basic.bot~1", "client_secret_basic", secret_hashes=(SecretHash.of(Secret(secret)),))
    server = make_server(clients=MemoryClientRegistry([client]))
    written = (
        f"{client.client_id}:{secret}",
        f"{quote(client.client_id)}:{quote(secret).replace('~', '%7E')}",
    )

    statuses = [post(server, ASK, basic(credentials)).status for credentials in written]

    assert statuses == [200, 200]


@pytest.mark.parametrize("category", MACHINE_CATEGORIES)
def test_the_kind_comes_from_the_registration(
    category: str,
    make_server: MakeServer,
    make_client: Callable[..., RegisteredClient],
    signing_key: SigningKey,
) -> None:
    """No parameter of the request reaches a claim that tells kinds apart."""
    hashes = (SecretHash.of(Secret("s")),)
    client = make_client("bot", "client_secret_post", category=category, secret_hashes=hashes)
    wishes = {"sub": "alice", "gty": "authorization_code", "sub_profile": "user", "username": "alice"}
    form = ASK | wishes | {"client_id": "bot", "client_secret": "s"}

    body = json.loads(post(make_server(clients=MemoryClientRegistry([client])), form).body)
    claims = json.loads(verify(body["access_token"], signing_key.public_jwk(), ["EdDSA"]).payload)

    assert (claims["sub"], claims["gty"], claims["sub_profile"]) == ("bot", "client_credentials", category)


@pytest.mark.parametrize("resource", [GITHUB, "HTTPS://MCP.EXAMPLE.COM/github"])
@pytest.mark.parametrize("scope", ["issues:write issues:read", "issues:read issues:write issues:read"])
def test_one_request_has_several_spellings(
    resource: str, scope: str, make_server: MakeServer, signing_key: SigningKey
) -> None:
    """Scheme and host in any case, scopes in any order; the token has one spelling."""
    form = ASK | {"client_id": "agent", "client_secret": "current", "resource": resource, "scope": scope}

    body = json.loads(post(make_server(), form).body)
    claims = json.loads(verify(body["access_token"], signing_key.public_jwk(), ["EdDSA"]).payload)

    assert (claims["aud"], claims["scope"], body["scope"]) == (GITHUB, *["issues:read issues:write"] * 2)


def test_a_resource_said_twice_is_one(make_server: MakeServer) -> None:
    """RFC 8707 lets `resource` be repeated; what counts is how many there are."""
    body = urlencode(
        [*ASK.items(), ("resource", GITHUB), ("client_id", "agent"), ("client_secret", "current")]
    )
    request = HttpRequest(method="POST", path="/token", headers=(FORM,), body=body.encode())

    assert make_server().handle(request).status == 200


def test_a_token_is_signed_with_rs256_where_the_key_is_rsa(
    make_server: MakeServer, rsa_key: SigningKey
) -> None:
    """RFC 9068 section 2.1 asks that a server can."""
    form = ASK | {"client_id": "agent", "client_secret": "current"}

    body = json.loads(post(make_server(keys=StaticKeys(rsa_key)), form).body)

    assert verify(body["access_token"], rsa_key.public_jwk(), ["RS256"]).header == {
        "alg": "RS256",
        "typ": "at+jwt",
        "kid": "server-rsa",
    }


def test_token_ids_are_random(
    clients: tuple[RegisteredClient, ...], catalogue: Catalogue, signing_key: SigningKey
) -> None:
    """Without a source of ids handed in, each token has one of at least 128 bits."""
    server = AuthorizationServer(
        issuer="https://as.example.com",
        clients=MemoryClientRegistry(clients),
        keys=StaticKeys(signing_key),
        catalogue=catalogue,
        replay_store=MemoryReplayStore(),
        now=lambda: NOW,
    )
    form = ASK | {"client_id": "agent", "client_secret": "current"}

    tokens = [json.loads(post(server, form).body)["access_token"] for _ in range(20)]
    ids = {json.loads(verify(token, signing_key.public_jwk(), ["EdDSA"]).payload)["jti"] for token in tokens}

    assert len(ids) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", jti) for jti in ids)


def test_one_assertion_in_eight_threads_gets_one_token(
    served: str, client_key: SigningKey, events: list[IssuanceEvent]
) -> None:
    """However they race, all but one of the requests are replays (RFC 7523 section 3, point 7)."""
    assertion = client_assertion("ci-bot", served, client_key, NOW)
    form = ASK | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    start = Barrier(8)

    def ask(_number: int) -> int:
        start.wait()
        try:
            with urlopen(f"{served}/token", urlencode(form).encode()) as response:
                return int(response.status)
        except HTTPError as error:
            with error:
                return error.code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(ask, range(8)))

    assert statuses == [200] + [401] * 7
    assert sorted(str(event.reason) for event in events) == ["None"] + ["assertion_replayed"] * 7
