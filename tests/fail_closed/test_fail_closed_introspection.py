"""The rows of docs/explanation/fail-closed.md about opaque tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from policy_engine.jose import SigningKey
from tests.conftest import CATALOGUE, RESOURCE
from tests.plugins.introspection_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    IntrospectionServer,
    Said,
    serve_introspection,
)

TOKEN = "2YotnFZFEjr1zCsicMWpAA"

INACTIVE = ("inactive_token", None, 401)
UNAVAILABLE = "introspection_unavailable"

ROWS: dict[str, tuple[Said, tuple[str, str | None, int]]] = {
    "inactive": (Said(b'{"active": false}'), INACTIVE),
    "active in words": (Said(b'{"active": "true", "sub": "alice"}'), INACTIVE),
    "active in numbers": (Said(b'{"active": 1, "sub": "alice"}'), INACTIVE),
    "active in nothing": (Said(b'{"sub": "alice"}'), INACTIVE),
    "another issuer": (
        Said(b'{"active": true, "iss": "https://evil.example.com"}'),
        ("unknown_issuer", None, 401),
    ),
    "an outage": (Said(b"", 503), (UNAVAILABLE, "http_status", 503)),
    "our own credentials": (Said(b"{}", 401), (UNAVAILABLE, "http_status", 503)),
    "a redirect": (Said(b"", 302, {"Location": "/elsewhere"}), (UNAVAILABLE, "http_status", 503)),
    "a duplicate member": (Said(b'{"active": false, "active": true}'), (UNAVAILABLE, "not_json", 503)),
    "a list": (Said(b'[{"active": true}]'), (UNAVAILABLE, "not_json", 503)),
    "no JSON": (Said(b"active"), (UNAVAILABLE, "not_json", 503)),
    "too much": (Said(b" " * 100_000), (UNAVAILABLE, "fetch_failed", 503)),
}


@pytest.fixture
def server(signing_keys: dict[str, SigningKey]) -> Iterator[IntrospectionServer]:
    """An issuer that says what it is told to."""
    with serve_introspection(signing_keys["corp"]) as server:
        yield server


def decide(world: Any, server: IntrospectionServer, message: Any, *, rule: bool) -> Any:
    """What becomes of an opaque token; nothing of a refusal is forwarded."""
    issuers = world.issuers()
    section = {"uri": server.uri, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    issuers["corp"] |= {"issuer": server.issuer, "introspection": section}
    github: dict[str, Any] = {"resource": RESOURCE, "catalogue": CATALOGUE}
    servers = {"github": {**github, **({"introspection": "corp"} if rule else {})}}
    engine = world.engine(issuers=issuers, servers=servers, development=True)
    decision = engine.evaluate(TOKEN, message)
    assert (decision.allowed, decision.forward) == (False, None)
    return decision.code, decision.detail, decision.status


@pytest.mark.parametrize(("said", "expected"), ROWS.values(), ids=ROWS.keys())
def test_an_opaque_token_is_refused(
    world: Any,
    call: Callable[..., Any],
    server: IntrospectionServer,
    said: Said,
    expected: tuple[str, str | None, int],
) -> None:
    """Unless its own issuer says in so many words that it is good."""
    server.said = said

    assert decide(world, server, call("list_issues", repo="a"), rule=True) == expected


def test_an_opaque_token_without_a_rule_is_sent_to_nobody(
    world: Any, call: Callable[..., Any], server: IntrospectionServer
) -> None:
    """Not even where only one issuer could be meant."""
    expected = ("malformed_token", "not_compact", 401)

    assert decide(world, server, call("list_issues", repo="a"), rule=False) == expected
    assert server.asked == []


def test_an_issuer_that_is_away_opens_nothing(
    world: Any, call: Callable[..., Any], server: IntrospectionServer
) -> None:
    """A port where nobody listens says nothing of a token."""
    server.uri = "http://127.0.0.1:1/introspect"

    assert decide(world, server, call("list_issues", repo="a"), rule=True) == (
        UNAVAILABLE,
        "fetch_failed",
        503,
    )
