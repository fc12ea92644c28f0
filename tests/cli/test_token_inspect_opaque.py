"""`token inspect` of an opaque token: its issuer is asked, if a rule names one."""

from collections.abc import Iterator
from typing import Any

import pytest

from policy_engine.cli.inspection import inspect_token, lines
from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.jose import SigningKey
from tests.plugins.introspection_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    IntrospectionServer,
    Said,
    serve_introspection,
)

NOW = 1_790_000_000
GITHUB = "https://mcp.example.com/github"
TOKEN = "2YotnFZFEjr1zCsicMWpAA"

NOTHING = "change    nothing in the configuration: "
UNAVAILABLE = "REFUSED   introspection_unavailable"


@pytest.fixture
def server(signing_keys: dict[str, SigningKey]) -> Iterator[IntrospectionServer]:
    """An issuer that knows one token."""
    with serve_introspection(signing_keys["corp"]) as server:
        server.tokens[TOKEN] = {
            "sub": "robot",
            "client_id": "robot",
            "aud": GITHUB,
            "exp": NOW + 60,
            "iat": NOW,
            "jti": "1",
        }
        yield server


def look(
    server: IntrospectionServer, *, rule: bool = True, secret: str = CLIENT_SECRET, **options: Any
) -> str:
    """What is told of the token, which itself isn't."""
    loaded: LoadedConfig = config_from_values(
        {
            "version": 1,
            "development": True,
            "servers": {"github": {"resource": GITHUB, **({"introspection": "corp"} if rule else {})}},
            "issuers": {
                "corp": {
                    "issuer": server.issuer,
                    "profile": "rfc9068",
                    "introspection": {"client_id": CLIENT_ID, "client_secret": secret, "uri": server.uri},
                    "clients": {"robot": {"grants": ["client_credentials"]}},
                }
            },
            "policies": [],
        }
    )
    found = inspect_token(loaded, TOKEN, "github", now=lambda: NOW, **options)
    told = "\n".join(f"{label:<10}{text}" for label, text in lines(found))
    assert TOKEN not in told
    assert CLIENT_SECRET not in told
    return told


def test_what_the_issuer_says_is_told_check_by_check(server: IntrospectionServer) -> None:
    """There is no header, no key and no signature to tell of."""
    told = look(server).splitlines()

    assert told[0] == "issuer    corp (profile rfc9068), asked: opaque"
    assert told[3:10] == [
        "pass      form: no JWS, and of the characters that tokens have",
        "pass      issuer: a rule names the one issuer that is asked about it",
        "pass      introspection: that issuer says that the token is active, and its own",
        "pass      required_claims: `exp` and the claims that the profile requires are there",
        "pass      claim_types: ids are strings, times are numbers, `aud` names somebody",
        "pass      audience: `aud` is one that opens this server (it opens `github`)",
        "pass      times: `exp` isn't over, `nbf` and `iat` have come (expires in 1 min, issued 0 s ago)",
    ]
    assert 'accepted  Client::"corp/robot"' in told


def refused(told: str) -> list[str]:
    """The verdict, and what to change."""
    return [line for line in told.splitlines() if line.startswith(("REFUSED", "change", "accepted"))]


def test_an_inactive_token_is_refused(server: IntrospectionServer) -> None:
    """The issuer alone knows why."""
    server.tokens.clear()

    assert refused(look(server)) == [
        "REFUSED   inactive_token: the issuer says that the token isn't active",
        f"{NOTHING}the issuer knows why: the token was revoked, its time is over, or it is another's",
    ]


def test_credentials_that_are_refused_are_named(server: IntrospectionServer) -> None:
    """With the place where they stand."""
    assert refused(look(server, secret="guessed")) == [
        f"{UNAVAILABLE} (http_status): the endpoint refuses our own credentials (status 401)",
        "change    issuers.corp.introspection: with status 401 id or secret are wrong; otherwise see whether "
        "the address is right",
    ]


def test_an_answer_of_another_issuer_is_refused(server: IntrospectionServer) -> None:
    """It isn't the issuer's to give."""
    server.said = Said(b'{"active": true, "iss": "https://evil.example"}')

    assert refused(look(server))[0] == (
        "REFUSED   unknown_issuer: the answer of the endpoint names another issuer"
    )


def test_nobody_is_asked_unless_that_is_wanted(server: IntrospectionServer) -> None:
    """`--unverified`: nothing is known of an opaque token then, and no secret is needed."""
    assert refused(look(server, with_keys=False)) == [
        f"{UNAVAILABLE} (no_credentials): the token is opaque, and its issuer wasn't asked",
        f"{NOTHING}only its issuer can say what an opaque token is: have it asked",
    ]
    assert server.asked == []


def test_without_a_rule_it_is_no_token(server: IntrospectionServer) -> None:
    """Nobody is asked."""
    assert refused(look(server, rule=False))[0] == (
        "REFUSED   malformed_token (not_compact): a compact JWS has three parts"
    )
    assert server.asked == []
