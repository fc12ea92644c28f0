"""What an assertion of `private_key_jwt` has to be (RFC 7523 section 3, RFC 7523bis, RFC 8725)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AuthorizationServer,
    HttpRequest,
    IssuanceEvent,
    MemoryClientRegistry,
    RegisteredClient,
    client_assertion,
)
from policy_engine.authserver.client_auth.assertion_claims import LEEWAY, MAX_LIFETIME, check_claims
from policy_engine.authserver.web import RefusedError
from policy_engine.jose import ALGORITHMS, SigningKey, sign
from tests.plugins.samples import samples

ISSUER = "https://as.example.com"
NOW = 1_800_000_000
FORM = ("Content-Type", "application/x-www-form-urlencoded")
ASK = {
    "grant_type": "client_credentials",
    "resource": "https://mcp.example.com/github",
    "scope": "issues:read",
    "client_assertion_type": ASSERTION_TYPE,
}

MakeServer = Callable[..., AuthorizationServer]
MakeAssertion = Callable[..., str]


def status_of(server: AuthorizationServer, assertion: str) -> int:
    """The answer to one assertion."""
    body = urlencode(ASK | {"client_assertion": assertion}).encode()
    return server.handle(HttpRequest(method="POST", path="/token", headers=(FORM,), body=body)).status


def encoded(data: bytes) -> bytes:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signing_input(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bytes:
    """The part of a compact token that is signed."""
    return b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))


def signed(header: Mapping[str, Any], key: SigningKey) -> str:
    """An assertion that is right but perhaps for its header."""
    claims = {"iss": "ci-bot", "sub": "ci-bot", "aud": ISSUER, "exp": NOW + 60, "jti": "1"}
    text = signing_input(header, claims)
    return (text + b"." + encoded(key.signature(text))).decode()


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "application/jwt", "client-authentication+jwt"])
def test_types_that_clients_write_are_accepted(
    typ: str | None, make_server: MakeServer, make_assertion: MakeAssertion
) -> None:
    """MCP's libraries write `JWT`; RFC 7523bis writes its own; none at all was usual."""
    assert status_of(make_server(), make_assertion({}, typ=typ)) == 200


@pytest.mark.parametrize("audience", [ISSUER, [ISSUER]])
def test_our_issuer_alone_is_the_audience(
    audience: object, make_server: MakeServer, make_assertion: MakeAssertion
) -> None:
    """As text, or as the only member of a list."""
    assert status_of(make_server(), make_assertion({"aud": audience})) == 200


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        f"{ISSUER}/",
        f"{ISSUER}/token",
        "https://as.example.co",
        "https://AS.example.com",
        [],
        [[ISSUER]],
        [ISSUER, ISSUER],
        [ISSUER, "https://other.example.com"],
        {"aud": ISSUER},
        7,
    ],
)
def test_any_other_audience_is_refused(
    audience: object, make_server: MakeServer, make_assertion: MakeAssertion, events: list[IssuanceEvent]
) -> None:
    """The token endpoint's URL too: a hostile server could name it as its own."""
    assert status_of(make_server(), make_assertion({"aud": audience})) == 401
    assert events[0].reason == "assertion_audience"


def test_a_slash_after_the_issuer_is_tolerated_only_where_that_was_said(
    make_server: MakeServer, make_assertion: MakeAssertion
) -> None:
    """Some URL libraries add it; nothing else is tolerated with it."""
    server = make_server(assertion_aud_trailing_slash_tolerant=True)

    statuses = [
        status_of(server, make_assertion({"aud": audience}))
        for audience in (ISSUER, f"{ISSUER}/", f"{ISSUER}//")
    ]

    assert statuses == [200, 200, 401]


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "value",
    [str(NOW + 10), True, float(NOW), [NOW], {}, 2**53 + 2, -(2**53) - 2, 2**1023],
    ids=["text", "true", "float", "list", "object", "late", "early", "huge"],
)
def test_dates_are_integers(
    name: str,
    value: object,
    make_server: MakeServer,
    make_assertion: MakeAssertion,
    events: list[IssuanceEvent],
) -> None:
    """Text, booleans, fractions and what no clock can show are no dates, with a clock of either type."""
    servers = [make_server(), make_server(now=lambda: NOW + 0.5)]

    assert [status_of(server, make_assertion({name: value})) for server in servers] == [401, 401]
    assert [event.reason for event in events] == ["assertion_claims"] * 2


@pytest.mark.parametrize("name", [b"exp", b"iat", b"nbf"])
@pytest.mark.parametrize("value", [b"1" + b"0" * 400, b"-1" + b"0" * 400, b"1" + b"0" * 4400, b"1e400"])
def test_a_number_beyond_all_clocks_is_refused(
    name: bytes, value: bytes, make_server: MakeServer, client_key: SigningKey
) -> None:
    """No clock can be compared with it, one that counts in fractions least of all."""
    claims = json.dumps({"iss": "ci-bot", "sub": "ci-bot", "aud": ISSUER, "jti": "1"}).encode()
    good = b"" if name == b"exp" else b',"exp":%d' % (NOW + 60)
    payload = claims[:-1] + good + b',"' + name + b'":' + value + b"}"

    assert status_of(make_server(now=lambda: NOW + 0.5), sign(payload, client_key, typ="JWT")) == 401


def test_a_date_that_is_null_is_refused(make_server: MakeServer, client_key: SigningKey) -> None:
    """A member with null isn't an absent member."""
    claims = {"iss": "ci-bot", "sub": "ci-bot", "aud": ISSUER, "exp": NOW + 9, "nbf": None, "jti": "1"}

    assert status_of(make_server(), sign(claims, client_key, typ="JWT")) == 401


@pytest.mark.parametrize("jti", [None, "", 7, ["a"], "j" * 257])
def test_an_assertion_has_an_id(
    jti: object, make_server: MakeServer, make_assertion: MakeAssertion, events: list[IssuanceEvent]
) -> None:
    """Without one it can't be remembered."""
    assert status_of(make_server(), make_assertion({"jti": jti})) == 401
    assert events[0].reason == "assertion_jti"


def test_a_long_assertion_isnt_even_taken_apart(
    make_server: MakeServer, make_assertion: MakeAssertion, events: list[IssuanceEvent]
) -> None:
    """Though it would be right otherwise."""
    statuses = [status_of(make_server(), make_assertion({"x": "a" * size})) for size in (5_000, 6_000)]

    assert statuses == [200, 401]
    assert [event.reason for event in events] == [None, "malformed_assertion"]


FAR = st.integers(-(10**400), 10**400) | st.integers(-(2**53), 2**53)


@settings(max_examples=samples(300))
@example(exp=10**400, iat=None, nbf=None, fraction=0.5)
@example(exp=NOW + 60, iat=-(10**400), nbf=None, fraction=0.5)
@example(exp=NOW + 60, iat=None, nbf=-(10**400), fraction=0.5)
@example(exp=NOW + 330, iat=None, nbf=NOW + 30, fraction=0)
@example(exp=NOW + 360, iat=NOW + 30, nbf=None, fraction=0)
@example(exp=NOW - 29, iat=NOW - 359, nbf=None, fraction=0)
@given(
    exp=FAR | st.integers(NOW - 100, NOW + 500),
    iat=st.none() | FAR | st.integers(NOW - 500, NOW + 100),
    nbf=st.none() | FAR | st.integers(NOW - 500, NOW + 100),
    fraction=st.floats(0, 0.999),
)
def test_an_assertion_is_good_for_minutes_around_now(
    exp: int, iat: int | None, nbf: int | None, fraction: float
) -> None:
    """Accepted means: not over, begun, and of bounded lifetime and age; and remembered till it is over."""
    now = NOW + fraction
    dates = {"exp": exp, "iat": iat, "nbf": nbf}
    claims: dict[str, Any] = {"iss": "a", "sub": "a", "aud": ISSUER, "jti": "1"}
    claims |= {name: date for name, date in dates.items() if date is not None}
    countable = all(date is None or abs(date) <= 2**53 for date in dates.values())
    begun = all(date is None or date <= now + LEEWAY for date in (iat, nbf))
    good = countable and now < exp + LEEWAY and begun
    good = good and exp - (now if iat is None else iat) <= MAX_LIFETIME + LEEWAY
    times = {"assertion_expired", "assertion_not_yet_valid", "assertion_lifetime"}

    try:
        checked = check_claims(claims, "a", frozenset({ISSUER}), now)
    except RefusedError as refusal:
        accepted = False
        assert refusal.reason in (times if countable else {"assertion_claims"})
    else:
        accepted = True
        assert (checked.jti, checked.refused_from) == ("1", exp + LEEWAY)
        assert iat is None or now - iat < MAX_LIFETIME + 2 * LEEWAY

    assert accepted == good


@pytest.mark.parametrize("member", ["jku", "jwk", "x5c", "x5u", "crit"])
def test_keys_never_come_with_the_assertion(
    member: str, make_server: MakeServer, client_key: SigningKey, events: list[IssuanceEvent]
) -> None:
    """A header that points at keys, or extends the format, is refused though the signature is right."""
    header = {"alg": "ES256", member: client_key.public_jwk()}

    assert status_of(make_server(), signed(header, client_key)) == 401
    assert events[0].reason == "assertion_unverified"


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_what_isnt_signed_with_a_private_key_is_refused(
    alg: str, make_server: MakeServer, client_key: SigningKey, events: list[IssuanceEvent]
) -> None:
    """Neither nothing nor the public key as a shared secret is a proof (RFC 8725 sections 3.1 and 3.2)."""
    claims = {"iss": "ci-bot", "sub": "ci-bot", "aud": ISSUER, "exp": NOW + 60, "jti": "1"}
    text = signing_input({"alg": alg}, claims)
    mac = hmac.digest(json.dumps(client_key.public_jwk()).encode(), text, hashlib.sha256)
    signature = b"" if alg == "none" else encoded(mac)

    assert status_of(make_server(), (text + b"." + signature).decode()) == 401
    assert events[0].reason == "assertion_unverified"


def test_an_assertion_may_leave_out_which_key_it_is_signed_with(
    make_server: MakeServer, client_key: SigningKey
) -> None:
    """MCP's libraries write no `kid`; all of the client's keys are tried."""
    assert status_of(make_server(), signed({"alg": "ES256"}, client_key)) == 200


def test_a_prescribed_algorithm_is_the_only_one(
    make_server: MakeServer,
    make_client: Callable[..., RegisteredClient],
    make_assertion: MakeAssertion,
    rsa_key: SigningKey,
    events: list[IssuanceEvent],
) -> None:
    """A key goes with several; the operator chose one."""
    jwk = {name: value for name, value in rsa_key.to_jwk().items() if name != "alg"}
    public = {name: jwk[name] for name in ("kty", "n", "e")}
    client = make_client(
        "ci-bot",
        "private_key_jwt",
        jwks={"keys": [public]},
        token_endpoint_auth_signing_alg="PS256",
    )
    server = make_server(clients=MemoryClientRegistry([client]))

    statuses = [
        status_of(server, make_assertion({}, key=SigningKey.from_jwk(jwk | {"alg": alg})))
        for alg in ("RS256", "PS256")
    ]

    assert statuses == [401, 200]
    assert [event.reason for event in events] == ["assertion_unverified", None]


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if ALGORITHMS[name].kty != "RSA"])
def test_our_own_assertions_are_accepted(
    algorithm: str, make_server: MakeServer, make_client: Callable[..., RegisteredClient]
) -> None:
    """What `client_assertion` makes is what the server takes, once each."""
    key = SigningKey.generate(algorithm)
    client = make_client("bot", "private_key_jwt", jwks={"keys": [key.public_jwk()]})
    server = make_server(clients=MemoryClientRegistry([client]))
    assertions = [client_assertion("bot", ISSUER, key, NOW + 0.7) for _ in range(2)]

    assert [status_of(server, assertion) for assertion in (*assertions, assertions[0])] == [200, 200, 401]


def test_an_id_isnt_used_up_by_an_assertion_that_fails(
    make_server: MakeServer, make_assertion: MakeAssertion, foreign_key: SigningKey
) -> None:
    """Otherwise anyone could use up the ids of others; ids belong to their client."""
    server = make_server()

    statuses = [
        status_of(server, make_assertion({"jti": "1"}, key=foreign_key)),
        status_of(server, make_assertion({"jti": "1", "aud": "https://other.example.com"})),
        status_of(server, make_assertion({"jti": "1", "exp": NOW - 99})),
        status_of(server, make_assertion({"jti": "1"}, typ="at+jwt")),
        status_of(server, make_assertion({"jti": "1"})),
        status_of(server, make_assertion({"jti": "1"})),
    ]

    assert statuses == [401, 401, 401, 401, 200, 401]
