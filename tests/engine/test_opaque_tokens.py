"""Opaque tokens through the whole engine: one issuer is asked, and what it says is a machine or a person."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Client, Decision, PolicyEngine, User
from policy_engine.audit import AuditTrail, FileSink
from policy_engine.errors import MappingError, TokenError
from policy_engine.jose import SigningKey
from tests.conftest import CATALOGUE, NOW, RESOURCE
from tests.plugins.introspection_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    IntrospectionServer,
    Said,
    serve_introspection,
)

Call = Callable[..., dict[str, Any]]

PERSON, ROBOT = "mt_person-2YotnFZFEjr1zCsicMWpAA", "mt_robot-tGzv3JOkF0XG5Qx2TlKWIA"
SECRETS = (PERSON, ROBOT, CLIENT_SECRET, "s3cr", "2YotnFZ", "tGzv3JO")


def claims(sub: str, client_id: str, **more: Any) -> dict[str, Any]:
    """What the issuer says of a token; nobody asked it for `iss`."""
    times = {"iat": NOW - 100, "exp": NOW + 500, "jti": f"t-{sub}", "scope": "issues:write"}
    return {"sub": sub, "client_id": client_id, "aud": RESOURCE, **times, **more}


@pytest.fixture
def server(signing_keys: dict[str, SigningKey]) -> Iterator[IntrospectionServer]:
    """An issuer that gave out a token to a person, and one to a machine."""
    with serve_introspection(signing_keys["corp"]) as server:
        server.tokens = {
            PERSON: claims("alice", "web-portal", auth_time=NOW - 60),
            ROBOT: claims("robot", "robot"),
        }
        yield server


@pytest.fixture
def build(world: Any, server: IntrospectionServer) -> Callable[..., PolicyEngine]:
    """Make an engine whose issuer `corp` gives out opaque tokens; its keys are still there."""

    def build(
        *,
        rule: bool = True,
        keys: bool = True,
        profile: str = "rfc9068",
        audit: AuditTrail | None = None,
        **more: Any,
    ) -> Any:
        issuers = world.issuers()
        issuers["corp"] |= {
            "issuer": server.issuer,
            "profile": profile,
            "introspection": {
                "uri": server.uri,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                **more,
            },
        }
        if not keys:
            del issuers["corp"]["keys"]
        github: dict[str, Any] = {"resource": RESOURCE, "catalogue": CATALOGUE}
        servers = {"github": {**github, **({"introspection": "corp"} if rule else {})}}
        changes = {} if audit is None else {"audit": audit}
        return world.engine(issuers=issuers, servers=servers, development=True, **changes)

    return build


def test_a_person_and_a_machine_are_told_apart(build: Any) -> None:
    """By what the issuer says of each, as in a signed token."""
    engine = build()
    person, robot = engine.identify(PERSON, "github"), engine.identify(ROBOT, "github")

    assert (type(person), str(person.uid)) == (User, 'User::"corp/alice"')
    assert (type(robot), str(robot.uid)) == (Client, 'Client::"corp/robot"')


def told(decision: Decision) -> tuple[Any, ...]:
    """What came out."""
    principal = None if decision.principal is None else str(decision.principal.uid)
    return decision.code, decision.detail, decision.status, principal


def test_one_tool_two_decisions(build: Any, server: IntrospectionServer, call: Call) -> None:
    """Policies see no difference between a token that was signed, and one that was asked about."""
    engine = build()
    message = call("delete_repository", repo="acme/app")

    assert told(engine.evaluate(PERSON, message)) == ("allowed", None, 200, 'User::"corp/alice"')
    assert told(engine.evaluate(ROBOT, message))[1:] == (None, 403, 'Client::"corp/robot"')
    assert server.asked == [PERSON, ROBOT]


def test_in_an_event_loop_the_same(build: Any, server: IntrospectionServer, call: Call) -> None:
    """The issuer is asked once, for all calls with the token that come together."""
    engine = build()
    server.said = None

    async def run() -> list[Decision]:
        message = call("list_issues", repo="acme/app")
        return list(await asyncio.gather(*(engine.evaluate_async(PERSON, message) for _ in range(5))))

    assert [told(decision) for decision in asyncio.run(run())] == [
        ("allowed", None, 200, 'User::"corp/alice"')
    ] * 5
    assert server.asked == [PERSON]


REFUSED: dict[str, tuple[Said | dict[str, Any] | None, tuple[str, str | None, int]]] = {
    "inactive": (None, ("inactive_token", None, 401)),
    "of nobody": (claims("bob", "web-portal"), ("ambiguous_principal", "undetermined", 403)),
    "of both": (claims("robot", "robot", acr="1"), ("ambiguous_principal", "conflict", 403)),
    "of a machine that isn't listed": (claims("bot", "bot"), ("unregistered_client", None, 403)),
    "an ID token": (
        claims("alice", "web-portal", auth_time=NOW, nonce="n"),
        ("invalid_token_type", "token_class", 401),
    ),
    "bound to a key": (claims("alice", "x", auth_time=NOW, cnf={"jkt": "x"}), ("proof_required", None, 401)),
    "for another server": (claims("alice", "x", aud="https://x.example"), ("invalid_audience", None, 401)),
    "over": (claims("alice", "x", exp=NOW - 100), ("expired_token", None, 401)),
    "of another issuer": (claims("alice", "x", iss="https://as.example.com"), ("unknown_issuer", None, 401)),
    "an outage": (Said(b"", 503), ("introspection_unavailable", "http_status", 503)),
    "a page": (Said(b"<html>"), ("introspection_unavailable", "not_json", 503)),
}


@pytest.mark.parametrize(("said", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(
    build: Any, server: IntrospectionServer, call: Call, said: Any, expected: tuple[str, str | None, int]
) -> None:
    """With the code that a signed token would have, or one of the two of introspection."""
    if isinstance(said, Said):
        server.said = said
    else:
        server.tokens = {} if said is None else {PERSON: said}
    decision = build().evaluate(PERSON, call("list_issues", repo="acme/app"))

    assert (decision.code, decision.detail, decision.status) == expected
    assert decision.forward is None


def test_without_a_rule_nobody_is_asked(build: Any, server: IntrospectionServer, call: Call) -> None:
    """An opaque token is no token, as ever."""
    decision = build(rule=False).evaluate(PERSON, call("list_issues", repo="acme/app"))

    assert told(decision) == ("malformed_token", "not_compact", 401, None)
    assert server.asked == []


def test_a_prefix_is_a_rule(build: Any, server: IntrospectionServer) -> None:
    """For every server, and where none is named."""
    engine = build(rule=False, prefixes=["mt_"])

    assert [str(engine.identify(PERSON, name).uid) for name in ("github", None)] == ['User::"corp/alice"'] * 2
    with pytest.raises(TokenError) as caught:
        engine.identify(PERSON.removeprefix("mt_"), "github")
    assert (caught.value.code, server.asked) == ("malformed_token", [PERSON])


def test_signed_tokens_are_taken_as_before(build: Any, world: Any, server: IntrospectionServer) -> None:
    """The same issuer may sign some, and the others' are none of its business."""
    engine = build()
    own = world.human(iss=server.issuer)

    assert [str(engine.identify(token, "github").uid) for token in (own, world.machine())] == [
        'User::"corp/alice"',
        'Client::"machines/ci-bot"',
    ]
    assert server.asked == []


def test_an_issuer_needs_no_keys_for_opaque_tokens(
    build: Any, world: Any, server: IntrospectionServer
) -> None:
    """Its metadata are read when a signed token comes, and not before."""
    engine = build(keys=False)
    opaque = engine.identify(PERSON, "github")
    before = list(server.read)
    with pytest.raises(TokenError) as caught:
        engine.identify(world.human(iss=server.issuer), "github")

    assert (str(opaque.uid), before, caught.value.code) == ('User::"corp/alice"', [], "keys_unavailable")
    assert server.read != []


def test_a_profile_that_needs_a_header_refuses(build: Any, server: IntrospectionServer) -> None:
    """What a profile reads from `typ` can't be read of a token that has none."""
    engine = build(profile="auth0")
    server.tokens[PERSON] = claims("auth0|alice", "web-portal", azp="web-portal", iss=server.issuer)

    with pytest.raises(MappingError) as caught:
        engine.identify(PERSON, "github")
    assert (caught.value.code, caught.value.detail) == ("ambiguous_principal", "undetermined")


def test_a_reload_asks_anew(build: Any, server: IntrospectionServer, call: Call) -> None:
    """Answers are of the configuration that they were given to."""
    engine = build()
    before = engine.evaluate(PERSON, call("list_issues", repo="a")).code
    server.tokens.clear()
    kept = engine.evaluate(PERSON, call("list_issues", repo="a")).code
    engine.reload()

    assert (before, kept, engine.evaluate(PERSON, call("list_issues", repo="a")).code) == (
        "allowed",
        "allowed",
        "inactive_token",
    )


def test_nothing_that_is_recorded_or_told_holds_a_token_or_a_secret(
    build: Any, server: IntrospectionServer, call: Call, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever becomes of the token: no record, no log, no decision, no answer to the caller."""
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "audit.jsonl"
    engine = build(audit=AuditTrail(sink=FileSink(file)), method="client_secret_basic")
    decisions = [
        engine.evaluate(token, call("list_issues", repo="a")) for token in (PERSON, ROBOT, PERSON + "x")
    ]
    server.said = Said(json.dumps({"active": True, "error": CLIENT_SECRET}).encode()[:-1])
    decisions.append(engine.evaluate(ROBOT + "x", call("list_issues", repo="a")))
    texts = [file.read_text(), caplog.text, repr(engine)]
    for decision in decisions:
        texts += [repr(decision), repr(decision.to_dict()), repr(decision.body()), repr(decision.headers())]

    assert [decision.code for decision in decisions] == [
        "allowed",
        "no_permit",
        "inactive_token",
        "introspection_unavailable",
    ]
    assert not [secret for secret in SECRETS for text in texts if secret in text]
