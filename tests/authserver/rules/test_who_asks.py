"""How clients authenticate, over HTTP: rules AS-30 to AS-41."""

import hmac
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from policy_engine.authserver import ASSERTION_TYPE
from policy_engine.jose import SigningKey
from tests.authserver.rules.conftest import NOW, Answer, Server

CLIENT, REQUEST = (401, "invalid_client"), (400, "invalid_request")


@pytest.mark.rules("AS-31")
def test_each_client_gets_a_token_by_its_own_method(server: Server) -> None:
    """And by no other: a client with a key has no secret, one with Basic credentials doesn't post them."""
    secret: dict[str, str | None] = {"client_id": "post-bot", "client_secret": server.secret}
    posted = server.by_secret().header("Authorization", "").form(**secret)
    plain = {**posted.headers}
    del plain["Authorization"]
    posted = type(posted)(server, plain, posted.values)
    assert [ask.send().status for ask in (server.by_key(), server.by_secret(), posted)] == [200, 200, 200]
    assert server.by_secret("post-bot").send().told == CLIENT
    assert server.by_secret("ci-bot").send().told == CLIENT
    assert posted.form(client_id="basic-bot").send().told == CLIENT
    assert posted.form(client_secret="wrong").send().told == CLIENT


@pytest.mark.rules("AS-33")
@pytest.mark.parametrize("client_id", ["nobody", "retired", "basic-bot", "two-bot", "post-bot", "ci-bot"])
@pytest.mark.parametrize("right", [False, True], ids=["wrong", "right"])
def test_a_secret_is_compared_as_often_whomever_it_names(
    server: Server, monkeypatch: pytest.MonkeyPatch, client_id: str, *, right: bool
) -> None:
    """In constant time, hash by hash: time tells neither who is registered nor how far a secret is right."""
    compared: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def counted(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    secret = server.secret if right else "wrong"
    status = (
        server.by_secret()
        .header("Authorization", server.basic(f"{client_id}:{secret}")["Authorization"])
        .send()
        .status
    )

    assert status == (200 if right and client_id in {"basic-bot", "two-bot"} else 401)
    # By method: who is registered for another one is compared with nobody's secrets as well.
    assert compared == [(64, 64)] * 2


@pytest.mark.rules("AS-30")
def test_one_way_a_request(server: Server) -> None:
    """Two of them are refused, though both are right; the same id may stand beside either."""
    assert server.by_secret().form(client_secret=server.secret, client_id="basic-bot").send().told == REQUEST
    both = server.by_key().header(
        "Authorization", server.basic(f"basic-bot:{server.secret}")["Authorization"]
    )
    assert both.send().told == REQUEST
    assert server.by_secret().form(client_id="basic-bot").send().status == 200
    assert server.by_secret().form(client_id="ci-bot").send().told == REQUEST
    assert server.by_key().form(client_id="ci-bot").send().status == 200
    assert server.by_key().form(client_id="basic-bot").send().told == REQUEST
    assert type(server.by_key())(server).send().told == CLIENT


@pytest.mark.rules("AS-32")
@pytest.mark.parametrize(
    "value",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YmFzaWMtYm90",
        "Basic Og==",
        "Bearer x",
        "basic\tx",
        "Digest a=b",
    ],
)
def test_basic_credentials_are_read_strictly(server: Server, value: str) -> None:
    """What isn't base64, or not `id:secret`, proves nothing; the challenge says what would."""
    answer = server.by_secret().header("Authorization", value).send()
    assert answer.told == CLIENT
    assert answer.headers["www-authenticate"] == f'Basic realm="{server.issuer}"'


@pytest.mark.rules("AS-32")
def test_basic_credentials_may_be_form_encoded(server: Server) -> None:
    """Official clients differ; to ids and secrets of this server it makes no difference."""
    encoded = server.secret.replace("-", "%2D").replace("_", "%5F")
    header = server.basic(f"basic%2Dbot:{encoded}")["Authorization"]
    assert server.by_secret().header("Authorization", header.replace("Basic", "bAsIc")).send().status == 200


@pytest.mark.rules("AS-34")
def test_an_assertion_is_one_signed_compact_token(server: Server) -> None:
    """Of the one type, given once."""
    good = server.assertion()
    header, payload, signature = good.split(".")
    assert server.by_key().form(client_assertion_type=f"{ASSERTION_TYPE} ").send().told == CLIENT
    assert server.by_key().form(client_assertion_type=None).send().told == REQUEST
    assert server.by_key().form(client_assertion=None).send().told == REQUEST
    assert server.by_key().also(("client_assertion", good)).send().told == REQUEST
    for broken in (
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{good}.x.y",
        f"{good}=",
        f"{good}\n",
        "x" * 9000,
    ):
        assert server.by_key(broken).send().told == CLIENT
    assert server.by_key(f"{header}.{payload}.{signature}").send().status == 200


def unsigned(server: Server, alg: str) -> str:
    """An assertion whose header names an algorithm that nothing was signed with."""
    _, payload, signature = server.assertion().split(".")
    header = urlsafe_b64encode(f'{{"alg":"{alg}"}}'.encode()).decode().rstrip("=")
    return f"{header}.{payload}.{'' if alg == 'none' else signature}"


@pytest.mark.rules("AS-35")
@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "PS256", "EdDSA", "ES384", "es256", "A128KW", ""])
def test_an_algorithm_that_fits_no_key_proves_nothing(server: Server, alg: str) -> None:
    """Symmetric ones, none, and those of other keys."""
    assert server.by_key(unsigned(server, alg)).send().told == CLIENT


@pytest.mark.rules("AS-35")
@pytest.mark.parametrize("member", ["jku", "jwk", "x5u", "x5c", "crit", "b64"])
def test_keys_that_come_along_are_refused(server: Server, member: str) -> None:
    """Though a registered key signed it all."""
    _, payload, signature = server.assertion().split(".")
    text = f'{{"alg":"ES256","{member}":["x"]}}'
    header = urlsafe_b64encode(text.encode()).decode().rstrip("=")
    assert server.by_key(f"{header}.{payload}.{signature}").send().told == CLIENT


@pytest.mark.rules("AS-35")
def test_a_name_of_a_key_is_optional_and_counts(server: Server) -> None:
    """Official clients leave it out; another key's name, and another key, prove nothing."""
    other = SigningKey.generate("ES256", kid=server.key.kid)
    assert server.by_key(server.assertion(key=other)).send().told == CLIENT
    renamed = SigningKey.from_jwk({**server.key.to_jwk(), "kid": "other"})
    assert server.by_key(server.assertion(key=renamed)).send().told == CLIENT


@pytest.mark.rules("AS-36")
@pytest.mark.parametrize(
    ("typ", "status"),
    [
        *(
            (typ, 200)
            for typ in (
                None,
                "JWT",
                "jwt",
                "client-authentication+jwt",
                "application/client-authentication+jwt",
            )
        ),
        *(
            (typ, 401)
            for typ in ("at+jwt", "dpop+jwt", "oauth-id-jag+jwt", "logout+jwt", "secevent+jwt", "", "JWS")
        ),
    ],
)
def test_only_types_of_assertions_count(server: Server, typ: str | None, status: int) -> None:
    """A token that was made for something else isn't taken for one."""
    assert server.by_key(server.assertion(typ=typ)).send().status == status


WRONG_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    *(
        ("AS-37", change)
        for change in ({"iss": "basic-bot"}, {"sub": "basic-bot"}, {"iss": None}, {"sub": None})
    ),
    *(("AS-37", change) for change in ({"iss": ["ci-bot"]}, {"sub": 1}, {"iss": "nobody", "sub": "nobody"})),
    *(
        ("AS-38", {"aud": aud})
        for aud in (None, [], "https://other.example.com", 1, {"a": 1}, "", ["x", "y"])
    ),
    *(
        ("AS-39", {"exp": exp})
        for exp in (None, NOW - 31, NOW + 331, str(NOW + 60), True, NOW + 60.5, -1, 2**53)
    ),
    *(
        ("AS-39", change)
        for change in ({"iat": NOW + 31}, {"iat": NOW - 400}, {"iat": "now"}, {"nbf": NOW + 31})
    ),
    *(("AS-40", {"jti": jti}) for jti in (None, "", "x" * 257, 1, ["a"])),
]


@pytest.mark.rules("AS-37", "AS-38", "AS-39", "AS-40", "AS-41", "AS-27")
def test_whatever_is_wrong_with_an_assertion_reads_the_same(server: Server) -> None:
    """The answer never tells what it was, nor whether there is such a client."""
    answers: list[Answer] = []
    for rule, claims in WRONG_CLAIMS:
        assertion = server.assertion(claims)
        answer = server.by_key(assertion).send()
        assert (rule, claims, answer.told) == (rule, claims, CLIENT)
        answers.append(answer)
    answers += [
        server.by_secret("nobody").send(),
        server.by_secret("retired").send(),
        server.by_secret("expired").send(),
        server.by_secret().header("Authorization", server.basic("basic-bot:wrong")["Authorization"]).send(),
    ]
    assert len(answers) >= 30
    assert {(answer.status, answer.text, answer.headers["www-authenticate"]) for answer in answers} == {
        (401, answers[0].text, f'Basic realm="{server.issuer}"')
    }


@pytest.mark.rules("AS-38")
def test_the_audience_is_the_issuer_alone(server: Server) -> None:
    """As text, or as a list of it alone; neither the endpoint nor a second audience will do."""
    issuer = server.issuer
    found = {
        repr(aud): server.by_key(server.assertion({"aud": aud})).send().status
        for aud in (
            issuer,
            [issuer],
            f"{issuer}/token",
            f"{issuer}/",
            [issuer, issuer],
            [issuer, "https://x.example"],
        )
    }
    assert [*found.values()] == [200, 200, 401, 401, 401, 401]


@pytest.mark.rules("AS-40")
def test_an_assertion_is_used_once(server: Server) -> None:
    """One that failed isn't used up."""
    good = server.assertion({"jti": "once"})
    other = SigningKey.generate("ES256")
    assert server.by_key(server.assertion({"jti": "once"}, key=other)).send().told == CLIENT
    assert [server.by_key(good).send().status for _ in range(3)] == [200, 401, 401]
    assert server.by_key(server.assertion({"jti": "once"})).send().told == CLIENT


@pytest.mark.rules("AS-10")
def test_who_is_disabled_or_late_gets_nothing(server: Server) -> None:
    """The operator's record tells them apart."""
    server.events.clear()
    assert server.by_secret("retired").send().told == CLIENT
    assert server.by_secret("expired").send().told == CLIENT
    assert [event.reason for event in server.events] == ["disabled_client", "expired_secret"]


@pytest.mark.rules("AS-2")
def test_an_address_is_no_client(server: Server) -> None:
    """Nothing is fetched from it: it is as unknown as any other."""
    server.events.clear()
    url = "https://127.0.0.1:1/client.json"
    answer = server.by_key(server.assertion({"iss": url, "sub": url})).send()
    assert (answer.told, server.events[0].reason) == (CLIENT, "unknown_client")
