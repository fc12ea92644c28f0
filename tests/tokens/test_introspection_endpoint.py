"""Where an issuer is asked, where its metadata have to say it."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import ConfigError
from policy_engine.model import VerifiedToken
from policy_engine.tokens import PrivateKeyJwt
from tests.plugins.introspection_server import CLIENT_ID, Said

TOKEN = "2YotnFZFEjr1zCsicMWpAA"
NOW = 1_800_000_000.0
METADATA = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"

Ask = Callable[..., VerifiedToken | tuple[str, str | None]]


def good(outcome: Any) -> Any:
    """A refusal as it is."""
    return outcome if isinstance(outcome, tuple) else "good"


def test_the_endpoint_is_where_the_metadata_say(opaque: Any, ask: Ask) -> None:
    """They are read once, for all tokens."""
    verifier = opaque.verifier(uri=None, cache_seconds=0)
    opaque.give(TOKEN)

    assert [good(ask(verifier, TOKEN)) for _ in range(3)] == ["good"] * 3
    assert (opaque.server.read, opaque.server.asked) == ([METADATA], [TOKEN] * 3)


BAD: dict[str, tuple[Any, str, list[str]]] = {
    "none": (None, "http_status", [METADATA, OPENID]),
    "of another issuer": (
        {"issuer": "https://evil.example", "introspection_endpoint": "$uri"},
        "issuer_mismatch",
        [METADATA, OPENID],
    ),
    "no object": ([1], "not_json", [METADATA, OPENID]),
    "without an endpoint": ({"issuer": "$issuer"}, "no_endpoint", [METADATA]),
    "another host": (
        {"issuer": "$issuer", "introspection_endpoint": "https://evil.example/introspect"},
        "untrusted_endpoint",
        [METADATA],
    ),
    "another port": (
        {"issuer": "$issuer", "introspection_endpoint": "http://127.0.0.1:1/introspect"},
        "untrusted_endpoint",
        [METADATA],
    ),
    "another scheme": (
        {"issuer": "$issuer", "introspection_endpoint": "$https/introspect"},
        "untrusted_endpoint",
        [METADATA],
    ),
    "a user": (
        {"issuer": "$issuer", "introspection_endpoint": "$user/introspect"},
        "untrusted_endpoint",
        [METADATA],
    ),
    "no text": ({"issuer": "$issuer", "introspection_endpoint": ["$uri"]}, "untrusted_endpoint", [METADATA]),
}


@pytest.mark.parametrize(("metadata", "detail", "read"), BAD.values(), ids=BAD.keys())
def test_metadata_that_name_no_endpoint_of_the_issuer(
    opaque: Any, ask: Ask, metadata: Any, detail: str, read: list[str]
) -> None:
    """No token leaves for an address that isn't the issuer's own; metadata aren't asked for at each call."""
    server = opaque.server
    words = {
        "$issuer": server.issuer,
        "$uri": server.uri,
        "$https/introspect": server.issuer.replace("http:", "https:") + "/introspect",
        "$user/introspect": server.issuer.replace("//", "//user@") + "/introspect",
    }
    server.metadata = (
        {
            name: words.get(value, value) if isinstance(value, str) else value
            for name, value in metadata.items()
        }
        if isinstance(metadata, dict)
        else metadata
    )
    verifier = opaque.verifier(uri=None)
    refusal = ("introspection_unavailable", detail)

    assert [ask(verifier, TOKEN) for _ in range(2)] == [refusal, refusal]
    assert (server.read, server.asked) == (read, [])


def test_metadata_that_could_not_be_read_are_read_again_after_a_rest(opaque: Any, ask: Ask) -> None:
    """Ten seconds later, by the first who needs them."""
    verifier = opaque.verifier(uri=None)
    opaque.give(TOKEN)
    kept, opaque.server.metadata = opaque.server.metadata, None
    outcomes = [good(ask(verifier, TOKEN))]
    opaque.server.metadata = kept
    for second in (9.9, 10):
        opaque.clock.time = NOW + second
        outcomes.append(good(ask(verifier, TOKEN)))

    unavailable = ("introspection_unavailable", "http_status")
    assert outcomes == [unavailable, unavailable, "good"]


def test_an_endpoint_that_was_found_outlives_an_outage_of_the_metadata(opaque: Any, ask: Ask) -> None:
    """It is asked about tokens all the same, and metadata are looked for again after each rest."""
    verifier = opaque.verifier(uri=None, cache_seconds=0)
    opaque.give(TOKEN, {"exp": NOW + 5000})
    outcomes = [good(ask(verifier, TOKEN))]
    opaque.server.metadata = None
    for second in (599, 600, 605, 610):
        opaque.clock.time = NOW + second
        outcomes.append(good(ask(verifier, TOKEN)))

    assert outcomes == ["good"] * 5
    assert opaque.server.read == [METADATA, METADATA, OPENID, METADATA, OPENID]


def test_an_endpoint_may_move_on_its_own_host(opaque: Any, ask: Ask) -> None:
    """Ten minutes later the new one is known."""
    verifier = opaque.verifier(uri=None, cache_seconds=0)
    opaque.give(TOKEN, {"exp": NOW + 5000})
    ask(verifier, TOKEN)
    opaque.server.metadata = {
        **opaque.server.metadata,
        "introspection_endpoint": opaque.server.issuer + "/new",
    }
    opaque.clock.time = NOW + 600
    ask(verifier, TOKEN)

    assert [request["path"] for request in opaque.server.requests] == ["/oauth2/introspect", "/new"]


def test_a_clock_that_was_set_back_makes_metadata_old(opaque: Any, ask: Ask) -> None:
    """Otherwise they would be believed for as long as it was set back."""
    verifier = opaque.verifier(uri=None, cache_seconds=0)
    opaque.give(TOKEN, {"iat": NOW - 5000})
    ask(verifier, TOKEN)
    opaque.clock.time = NOW - 1
    ask(verifier, TOKEN)

    assert opaque.server.read == [METADATA, METADATA]


def test_an_issuer_that_does_not_answer_is_no_answer(opaque: Any, ask: Ask) -> None:
    """There is no second well-known path to try on a host that is away."""
    verifier = opaque.verifier(uri=None, issuer_url="http://127.0.0.1:1")

    assert ask(verifier, TOKEN) == ("introspection_unavailable", "fetch_failed")


def test_a_redirect_is_not_followed(opaque: Any, ask: Ask) -> None:
    """Whoever could redirect would be sent tokens, and our secret."""
    opaque.server.said = Said(b"", 308, {"Location": opaque.server.issuer + "/elsewhere"})

    assert ask(opaque.verifier(), TOKEN) == ("introspection_unavailable", "http_status")
    assert [request["path"] for request in opaque.server.requests] == ["/oauth2/introspect"]


@pytest.mark.parametrize(
    ("uri", "issuer_url", "what"),
    [
        ("http://login.example.com/introspect", "https://login.example.com", "its introspection endpoint"),
        ("ftp://login.example.com/introspect", "https://login.example.com", "its introspection endpoint"),
        (None, "http://login.example.com", "the issuer"),
        (None, "urn:corp", "the issuer"),
    ],
)
def test_tokens_are_sent_over_https_only(opaque: Any, uri: str | None, issuer_url: str, what: str) -> None:
    """Except on this machine, in development."""
    with pytest.raises(ConfigError) as caught:
        opaque.introspection(uri=uri, issuer_url=issuer_url)

    assert caught.value.problem == (
        f"an issuer can't be asked about opaque tokens: {what} isn't an https URL"
    )


def test_loopback_http_has_to_be_allowed(opaque: Any) -> None:
    """It is for development."""
    with pytest.raises(ConfigError, match="isn't an https URL"):
        opaque.introspection(allow_loopback_http=False)


def test_the_client_is_named_where_a_key_proves_it(opaque: Any, ask: Ask) -> None:
    """The form names the client besides the assertion; no secret is in it."""
    opaque.server.method = "private_key_jwt"
    key = PrivateKeyJwt(client_id=CLIENT_ID, key=opaque.key, audience=opaque.server.issuer, now=opaque.clock)
    ask(opaque.verifier(credentials=key), TOKEN)
    (request,) = opaque.server.requests

    assert sorted(request["form"]) == [
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "token",
        "token_type_hint",
    ]
