"""Whatever a request holds: no error of ours, no token without proof, and none beyond what was registered."""

import base64
import json
import tracemalloc
from typing import Final
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    Catalogue,
    HttpRequest,
    IssuanceEvent,
    MemoryClientRegistry,
    MemoryReplayStore,
    RegisteredClient,
    Secret,
    SecretHash,
    StaticKeys,
    client_assertion,
)
from policy_engine.jose import SigningKey, verify
from tests.plugins.samples import samples

NOW: Final = 1_800_000_000
ISSUER: Final = "https://as.example.com"
RESOURCES: Final = {"https://a.example/": {"read", "write"}, "https://b.example": {"read", "delete"}}
KEY: Final = SigningKey.generate("ES256")
STRANGER: Final = SigningKey.generate("ES256")
SERVER_KEY: Final = SigningKey.generate("EdDSA")
EVENTS: Final[list[IssuanceEvent]] = []


def _client(client_id: str, method: str, **credentials: object) -> RegisteredClient:
    return RegisteredClient(
        client_id=client_id,
        category="service",
        token_endpoint_auth_method=method,
        grant_types=("client_credentials",),
        resources=frozenset(RESOURCES),
        scopes=frozenset({"read", "write"}),
        default_scopes=frozenset({"write"}),
        **credentials,  # type: ignore[arg-type]  # a secret or keys, as the method has it
    )


HASHES: Final = (SecretHash.of(Secret("correct")),)
SERVER: Final = AuthorizationServer(
    issuer=ISSUER,
    clients=MemoryClientRegistry(
        [
            _client("key", "private_key_jwt", jwks={"keys": [KEY.public_jwk()]}),
            _client("basic", "client_secret_basic", secret_hashes=HASHES),
            _client("post", "client_secret_post", secret_hashes=HASHES),
        ]
    ),
    keys=StaticKeys(SERVER_KEY),
    catalogue=Catalogue(RESOURCES),
    replay_store=MemoryReplayStore(),
    now=lambda: NOW,
    events=EVENTS.append,
)

CLIENTS = ["key", "basic", "post", "nobody", "KEY"]
NAMES = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "resource",
    "scope",
    "redirect_uri",
]
WORDS = [
    "client_credentials",
    "refresh_token",
    ASSERTION_TYPE,
    "wrong",
    "",
    "read",
    "read  write",
    *RESOURCES,
    *CLIENTS,
    *(client_assertion(name, ISSUER, STRANGER, NOW) for name in CLIENTS),
    client_assertion("key", f"{ISSUER}/token", KEY, NOW),
    client_assertion("key", ISSUER, KEY, NOW - 500),
    client_assertion("key", ISSUER, KEY, NOW)[:-4] + "AAAA",
    "e30.e30.",
]
value = st.sampled_from(WORDS) | st.text(max_size=30)
pairs = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=8), value), max_size=9)
usual = st.fixed_dictionaries(
    {"grant_type": st.just("client_credentials")},
    optional={name: value for name in NAMES if name != "grant_type"},
).map(lambda form: list(form.items()))


def _encode(form: list[tuple[str, str]]) -> bytes:
    return urlencode(form, errors="surrogatepass").encode()


def _text(form: list[tuple[str, str]]) -> str:
    return _encode(form).decode()


bodies = st.binary(max_size=200) | pairs.map(_encode) | usual.map(_encode)
basic_values = st.builds(
    lambda scheme, name, secret: f"{scheme} {base64.b64encode(f'{name}:{secret}'.encode()).decode()}",
    st.sampled_from(["Basic", "basic", "Bearer"]),
    st.sampled_from(CLIENTS),
    st.sampled_from(["wrong", "", "correct ", "%", "\u00e9"]),
)
header_values = (
    st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/json",
            "Basic",
            "Basic ====",
            "Basic \u00fc",
            "gzip",
        ]
    )
    | basic_values
    | st.text(max_size=20)
)
header_names = st.sampled_from(["Content-Type", "Authorization", "authorization", "Content-Encoding", "X"])
form_header = ("Content-Type", "application/x-www-form-urlencoded")
headers = st.lists(st.tuples(header_names, header_values), max_size=2).map(tuple) | st.lists(
    st.tuples(st.sampled_from(["Authorization", "X"]), header_values), max_size=1
).map(lambda more: (form_header, *more))


@settings(max_examples=samples(600))
@given(headers=headers, body=bodies, query=st.just("") | st.text(max_size=20) | pairs.map(_text))
def test_no_request_without_proof_gets_a_token_or_breaks_anything(
    headers: tuple[tuple[str, str], ...], body: bytes, query: str
) -> None:
    """Always one of the client errors of the table, in JSON, with one event that says so."""
    EVENTS.clear()

    response = SERVER.handle(
        HttpRequest(method="POST", path="/token", query=query, headers=headers, body=body)
    )
    document = json.loads(response.body)

    assert response.status in {400, 401, 413}
    assert response.values("Content-Type") == ("application/json",)
    assert response.values("Cache-Control") == ("no-store",)
    assert document.keys() == {"error", "error_description"}
    assert (response.status == 401) == (document["error"] == "invalid_client")
    assert [event.issued for event in EVENTS] == [False]
    assert not EVENTS[0].authenticated


@settings(max_examples=samples(200))
@given(
    form=st.fixed_dictionaries(
        {},
        optional={
            "grant_type": st.just("client_credentials") | value,
            "resource": st.sampled_from([*RESOURCES, "HTTPS://A.example/", "https://a.example"]) | value,
            "scope": st.lists(st.sampled_from(["read", "write", "delete", "x"]), max_size=3).map(" ".join)
            | value,
            "sub": value,
            "gty": value,
        },
    )
)
def test_a_client_never_gets_more_than_was_registered(form: dict[str, str]) -> None:
    """Whatever it asks for: one of its resources, scopes of that resource, and itself as the subject."""
    credentials = {"client_id": "post", "client_secret": "correct"}
    body = _encode(list((form | credentials).items()))

    response = SERVER.handle(HttpRequest(method="POST", path="/token", headers=(form_header,), body=body))
    document = json.loads(response.body)

    if response.status == 400:
        assert "access_token" not in document
        return
    claims = json.loads(verify(document["access_token"], SERVER_KEY.public_jwk(), ["EdDSA"]).payload)
    assert response.status == 200
    assert claims["aud"] in RESOURCES
    assert set() < set(claims["scope"].split(" ")) <= RESOURCES[claims["aud"]] & {"read", "write"}
    assert (claims["sub"], claims["client_id"], claims["gty"], claims["sub_profile"]) == (
        "post",
        "post",
        "client_credentials",
        "service",
    )


@settings(max_examples=samples(200))
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS"]) | st.text(max_size=5),
    path=st.sampled_from(["/token", "/jwks.json", "/authorize", "/.well-known/openid-configuration"])
    | st.text(max_size=12),
    query=st.text(max_size=12),
)
def test_every_place_and_method_is_answered_in_json(method: str, path: str, query: str) -> None:
    """Never by an error of ours."""
    response = SERVER.handle(HttpRequest(method=method, path=path, query=query))

    assert response.status in {200, 400, 404, 405}
    assert isinstance(json.loads(response.body), dict)


def test_what_strangers_send_is_not_kept() -> None:
    """However long, and in whichever parameter; only what recurs is remembered, which is short."""
    tracemalloc.start()
    try:
        before = 0
        for number in range(80):
            if number == 10:  # with what the first requests load
                before = tracemalloc.get_traced_memory()[0]
            value = f"{number}%20" + "a" * 60_000
            for name in ("grant_type", "scope", "resource", "client_assertion_type"):
                request = HttpRequest(
                    method="POST",
                    path="/token",
                    headers=(("Content-Type", "application/x-www-form-urlencoded"),),
                    body=f"{name}={value}".encode(),
                )
                assert SERVER.handle(request).status in {400, 401}
                EVENTS.clear()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert grown < 1_000_000
