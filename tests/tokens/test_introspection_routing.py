"""Whom an opaque token is sent to: one issuer that a rule names, or nobody."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from policy_engine.errors import ConfigError, TokenError
from policy_engine.jose import SigningKey, sign
from policy_engine.tokens import (
    Fetch,
    HttpFetcher,
    Introspection,
    Issuer,
    SecretPost,
    StaticKeys,
    TokenRules,
    Verifier,
    drive,
)
from tests.plugins.introspection_server import CLIENT_ID, CLIENT_SECRET, serve_introspection
from tests.plugins.samples import samples

TOKEN = "2YotnFZFEjr1zCsicMWpAA"
NOW = 1_800_000_000.0
SERVER = "https://mcp.example.com/github"
NO_RULE = ("malformed_token", "not_compact")


class Asked:
    """A network that notes what would be sent, and answers nothing."""

    def __init__(self) -> None:
        self.sent: list[Fetch] = []

    def fetch(self, request: Fetch, /) -> Any:
        """Note it."""
        self.sent.append(request)
        raise InterruptedError


def issuers(key: SigningKey, **prefixes: tuple[str, ...]) -> list[Issuer]:
    """Issuers that are asked, each at an address of its own, with these prefixes."""
    return [
        Issuer(
            name=name,
            url=f"https://{name}.example",
            rules=TokenRules(),
            keys=StaticKeys({"keys": [key.public_jwk()]}),
            introspection=Introspection(
                issuer_url=f"https://{name}.example",
                uri=f"https://{name}.example/introspect",
                credentials=SecretPost(client_id=name, secret="ours"),
                now=lambda: NOW,
                prefixes=own,
            ),
        )
        for name, own in prefixes.items()
    ]


def sent_to(verifier: Verifier, token: Any, server: str | None = "github") -> Any:
    """The addresses that a token is sent to; or the code and detail of the refusal, where nobody is asked."""
    network = Asked()
    try:
        drive(verifier.verify(token, {}, server), network)
    except InterruptedError:
        return [request.url for request in network.sent]
    except TokenError as error:
        assert network.sent == []
        return error.code, error.detail


ONE, TWO = ["https://one.example/introspect"], ["https://two.example/introspect"]

ROUTES: dict[str, tuple[dict[str, tuple[str, ...]], dict[str, str], str, str | None, Any]] = {
    "the server's rule": ({"one": ()}, {"github": "one"}, TOKEN, "github", ONE),
    "the rule of another server": ({"one": ()}, {"jira": "one"}, TOKEN, "github", NO_RULE),
    "no rule": ({"one": ()}, {}, TOKEN, "github", NO_RULE),
    "a prefix": ({"one": ("mt_",), "two": ("ot_",)}, {}, "ot_x", "github", TWO),
    "one of several prefixes": ({"one": ("mt_", "mr_"), "two": ("ot_",)}, {}, "mr_x", "github", ONE),
    "no prefix": ({"one": ("mt_",), "two": ("ot_",)}, {}, TOKEN, "github", NO_RULE),
    "the prefix in other letters": ({"one": ("mt_",)}, {}, "MT_x", "github", NO_RULE),
    "the prefix elsewhere": ({"one": ("mt_",)}, {}, "xmt_x", "github", NO_RULE),
    "the rule and its prefix": ({"one": ("mt_",), "two": ()}, {"github": "one"}, "mt_x", "github", ONE),
    "the rule, without its prefix": ({"one": ("mt_",)}, {"github": "one"}, TOKEN, "github", NO_RULE),
    "another's prefix": ({"one": (), "two": ("ot_",)}, {"github": "one"}, "ot_x", "github", NO_RULE),
    "any server, one issuer": ({"one": ()}, {}, TOKEN, None, ONE),
    "any server, two issuers": ({"one": (), "two": ()}, {"github": "one"}, TOKEN, None, NO_RULE),
    "any server, a prefix": ({"one": (), "two": ("ot_",)}, {}, "ot_x", None, TWO),
    "any server, another's token": ({"one": ("mt_",)}, {}, TOKEN, None, NO_RULE),
}


@pytest.mark.parametrize(("prefixes", "rules", "token", "server", "expected"), ROUTES.values(), ids=ROUTES)
def test_an_opaque_token_is_sent_to_one_issuer_or_to_none(  # noqa: PLR0917 -- a row of the table
    corp_key: SigningKey,
    prefixes: dict[str, tuple[str, ...]],
    rules: dict[str, str],
    token: str,
    server: str | None,
    expected: Any,
) -> None:
    """The issuer of the server's rule, or that of the prefix; what has another's prefix is no token of it."""
    verifier = Verifier(issuers(corp_key, **prefixes), lambda: NOW, introspected_at=rules)

    assert sent_to(verifier, token, server) == expected


@pytest.mark.parametrize(("one", "two"), [("mt_", "mt_"), ("mt", "mt_"), ("mt_a", "mt_")])
def test_prefixes_that_overlap_are_refused(corp_key: SigningKey, one: str, two: str) -> None:
    """A token would have two issuers."""
    with pytest.raises(ConfigError, match="`one` and `two` can't be told apart"):
        Verifier(issuers(corp_key, one=(one,), two=(two,)), lambda: NOW)


def test_prefixes_of_one_issuer_may_overlap(corp_key: SigningKey) -> None:
    """They lead to the same one."""
    verifier = Verifier(issuers(corp_key, one=("mt_", "mt_a")), lambda: NOW)

    assert sent_to(verifier, "mt_abc") == ONE


def test_a_rule_needs_an_issuer_that_is_asked(corp: Any) -> None:
    """One that isn't configured, or has no introspection, can't be named."""
    for name in ("corp", "nobody"):
        with pytest.raises(ConfigError, match=f"can't be asked about at `{name}`"):
            Verifier([corp.issuer()], corp.clock, introspected_at={"github": name})


def test_an_answer_is_never_looked_for_at_a_second_issuer(
    opaque: Any, corp_key: SigningKey, ask: Any
) -> None:
    """What the one issuer doesn't know is inactive, though another one knew it."""
    with serve_introspection(corp_key) as other:
        other.tokens[TOKEN] = {**opaque.claims, "iss": other.issuer}
        second = replace(
            opaque.issuer(name="partner", url=other.issuer),
            introspection=opaque.introspection(uri=other.uri, issuer_url=other.issuer, prefixes=("other_",)),
        )
        rules = {"github": "corp"}
        verifier = Verifier([opaque.issuer(), second], opaque.clock, introspected_at=rules)

        assert ask(verifier, TOKEN) == ("inactive_token", None)
        assert (opaque.server.asked, other.asked) == ([TOKEN], [])


def jwts(opaque: Any, stranger: SigningKey) -> Iterator[str]:
    """Signed tokens, good and bad, and what looks like one."""
    good = sign(opaque.claims, opaque.key, typ="at+jwt")
    head, payload, signature = good.split(".")
    yield good
    yield sign(opaque.claims, stranger, typ="at+jwt")
    yield sign({**opaque.claims, "iss": "https://evil.example"}, opaque.key, typ="at+jwt")
    yield sign({**opaque.claims, "exp": NOW - 100}, opaque.key, typ="at+jwt")
    yield sign(opaque.claims, opaque.key, typ="JWT")
    yield f"{head}.{payload}."
    yield f"{head}.{payload}.{signature}="
    yield f"{head}.{payload}.{signature}~"
    yield "a.b.c"
    yield ".."


def test_a_signed_token_is_sent_to_nobody(opaque: Any, ask: Any) -> None:
    """It is verified here or not at all, though its issuer is asked about opaque ones."""
    verifier = opaque.verifier()
    outcomes = [ask(verifier, token) for token in jwts(opaque, SigningKey.generate("EdDSA"))]

    assert [outcome if isinstance(outcome, tuple) else outcome.introspected for outcome in outcomes] == [
        False,
        ("invalid_signature", "unknown_key"),
        ("unknown_issuer", None),
        ("expired_token", None),
        ("invalid_token_type", None),
        ("invalid_signature", "wrong_signature"),
        ("malformed_token", "not_base64url"),
        ("malformed_token", "not_base64url"),
        ("malformed_token", "not_base64url"),
        ("malformed_token", "not_json"),
    ]
    assert opaque.server.asked == []


B64TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"


def is_sent(token: str) -> bool:
    """RFC 6750 section 2.1, in other words than the code's."""
    stem = token.rstrip("=")
    return 0 < len(stem) <= len(token) <= 4096 and set(stem) <= set(B64TOKEN) and stem.count(".") != 2


@settings(max_examples=samples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(),
        st.text(alphabet=B64TOKEN + "= \n\x00\u00e9%&", max_size=40),
        st.lists(st.text(alphabet="abcXYZ019-_", max_size=5), min_size=3, max_size=3).map(".".join),
        st.binary(max_size=40),
        st.integers(4090, 4100).map(lambda size: "a" * size),
        st.integers(1, 3),
    )
)
@example("mt_x\n")
@example("mt_x\r\nHost: evil.example")
@example("mt_x&token=other")
@example("=")
@example("a=b")
@example("\u212a")
def test_what_no_issuer_gives_out_is_sent_to_nobody(corp_key: SigningKey, token: Any) -> None:
    """Only what has the form of a bearer token, and isn't a JWS, is asked about; nothing else is raised."""
    verifier = Verifier(issuers(corp_key, one=()), lambda: NOW, introspected_at={"github": "one"})
    text = token.decode("latin-1") if isinstance(token, bytes) else token
    sent = sent_to(verifier, token)

    assert (sent == ONE) == (isinstance(text, str) and is_sent(text))
    assert sent == ONE or sent[0] in {"malformed_token", "missing_token", "unknown_issuer"}


def test_secrets_and_tokens_are_shown_nowhere(opaque: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in what is logged, at any level, nor in an error, nor where a value is printed."""
    caplog.set_level(logging.DEBUG)
    opaque.server.method = "client_secret_post"
    credentials = SecretPost(client_id=CLIENT_ID, secret=CLIENT_SECRET)
    verifier = opaque.verifier(credentials=credentials)
    opaque.give(TOKEN, {"exp": ...})
    told = [repr(credentials), repr(verifier), repr(opaque.issuer(credentials=credentials))]
    for token in (TOKEN, TOKEN + "x"):
        with pytest.raises(TokenError) as caught:
            drive(verifier.verify(token, {}, "github"), HttpFetcher(timeout=0.5))
        told += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    request = next(opaque.introspection(credentials=credentials).claims(TOKEN))
    told += [repr(request), repr(credentials.proof()), caplog.text]

    assert opaque.server.asked == [TOKEN, TOKEN + "x"]
    assert b"client_secret=s3cr%3At" in request.body
    for secret in (TOKEN, CLIENT_SECRET, "s3cr"):
        assert not any(secret in text for text in told)
