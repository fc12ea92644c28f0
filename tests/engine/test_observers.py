"""Observers are told of everything, and decide nothing."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine import HttpFacts, PolicyEngine
from policy_engine.audit import AuditTrail, ListSink
from policy_engine.errors import AuditError, PolicyError
from policy_engine.model import Decision, Unobserved
from tests.conftest import AS, RESOURCE, World


class Noted(Unobserved):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.https: list[HttpFacts | None] = []
        self.told: list[tuple[object, ...]] = []

    def decided(self, decision: Decision, http: HttpFacts | None, /) -> None:
        """Note it."""
        self.decisions.append(decision)
        self.https.append(http)

    def reloaded(self, generation: int, seconds: float, error: Exception | None, /, *, policies: int) -> None:
        """Note it."""
        assert 0 < seconds < 60
        self.told.append(("reloaded", generation, None if error is None else type(error), policies))

    def token_verified(self, issuer: str, /) -> None:
        """Note it."""
        self.told.append(("verified", issuer))

    def keys_refreshed(self, issuer: str, ok: bool, /) -> None:  # noqa: FBT001 -- never named
        """Note it."""
        self.told.append(("keys", issuer, ok))

    def audit_failed(self) -> None:
        """Note it."""
        self.told.append(("audit",))


class Failing(Unobserved):
    """Fails."""

    def decided(self, _decision: Decision, _http: HttpFacts | None, /) -> None:
        """Fail."""
        raise RuntimeError("of no interest")

    def token_verified(self, _issuer: str, /) -> None:
        """Fail."""
        raise RuntimeError("of no interest")


class Full(ListSink):
    """Takes nothing."""

    def write(self, _record: Any) -> None:
        """Refuse it."""
        raise AuditError("audit_failed", "full")


def test_each_decision_is_told_once_as_it_stands(world: World, call: Callable[..., Any]) -> None:
    """From every front door, with what is known of the request; a token is told of once."""
    noted = Noted()
    engine = world.engine(observers=[noted])
    token, asked = world.human(), call("list_issues", repo="acme/app")
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}
    facts = HttpFacts(headers={"traceparent": "00-…"})

    decisions = [
        engine.evaluate(token, asked, server="github", http=facts),
        *engine.evaluate_many(token, [asked]),
        asyncio.run(engine.evaluate_async(token, asked)),
        *asyncio.run(engine.evaluate_many_async(token, [asked])),
        engine.filter_list(token, listing, answer).decision,
        asyncio.run(engine.filter_list_async(token, listing, answer)).decision,
        engine.authorize(engine.identify(token), asked),
    ]
    asyncio.run(engine.evaluate_async(token, asked, record=False))
    engine.explain(token, asked)

    assert noted.decisions == decisions
    assert noted.https == [facts, *[None] * 6]
    assert noted.told == [("reloaded", 1, None, 5), ("verified", "corp")]


def test_loading_anew_is_told_with_its_error(world: World, tmp_path: Path) -> None:
    """Also that what was loaded before stays in force."""
    noted, policies = Noted(), tmp_path / "all.cedar"
    policies.write_text('@id("a") permit (principal is User, action, resource);')
    github = {"github": {"resource": RESOURCE, "unpinned": "allow"}}
    engine = PolicyEngine(policies=policies, servers=github, issuers=world.issuers(), observers=[noted])
    engine.reload()
    policies.write_text("permit (")
    with pytest.raises(PolicyError):
        engine.reload()

    assert noted.told == [
        ("reloaded", 1, None, 1),
        ("reloaded", 2, None, 1),
        ("reloaded", 2, PolicyError, 1),
    ]
    with pytest.raises(PolicyError):
        PolicyEngine(policies=policies, servers=github, issuers=world.issuers(), observers=[noted])
    assert len(noted.told) == 3


@pytest.mark.parametrize(("rule", "code"), [("deny", "audit_failed"), ("allow", "allowed")])
def test_a_decision_that_cannot_be_recorded_is_told(
    world: World, call: Callable[..., Any], rule: Any, code: str
) -> None:
    """Whatever becomes of it."""
    noted = Noted()
    engine = world.engine(observers=[noted], audit=AuditTrail(sink=Full(), on_failure=rule))

    decision = engine.evaluate(world.human(), call("list_issues", repo="acme/app"))

    assert decision.code == code
    assert noted.decisions == [decision]
    assert noted.told == [("reloaded", 1, None, 5), ("verified", "corp"), ("audit",)]


def test_an_observer_that_fails_changes_nothing(
    world: World, call: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The others are told, and the log hears of it once, without what the observer said."""
    noted = Noted()
    engine = world.engine(observers=[Failing(), noted])
    asked = call("list_issues", repo="acme/app")
    expected = world.engine().evaluate(world.human(), asked)

    with caplog.at_level(logging.ERROR, "policy_engine"):
        decisions = [engine.evaluate(world.human(), asked) for _ in range(3)]

    assert [each.to_dict() | {"latency_us": 0} for each in decisions] == [
        expected.to_dict() | {"latency_us": 0}
    ] * 3
    assert noted.decisions == decisions
    assert [record.getMessage() for record in caplog.records] == [
        "the observer Failing fails, and isn't complained of again: RuntimeError"
    ]


def test_fetching_keys_is_told_by_issuer(world: World, call: Callable[..., Any]) -> None:
    """An attempt that fails is told as one; a second isn't made so soon."""
    noted = Noted()
    issuer = {"issuer": AS, "profile": "policy-engine", "keys": {"uri": "http://127.0.0.1:9/jwks"}}
    engine = PolicyEngine(
        policies='@id("a") permit (principal is Client, action, resource);',
        servers={"github": {"resource": RESOURCE, "unpinned": "allow"}},
        issuers={"machines": {**issuer, "clients": {"ci-bot": {"grants": ["client_credentials"]}}}},
        development=True,
        observers=[noted],
        now=lambda: world.now,
    )
    with_one = [engine.evaluate(world.machine(), call("list_issues")).code for _ in range(2)]
    engine.close()

    assert with_one == ["keys_unavailable"] * 2
    assert noted.told[0] == ("reloaded", 1, None, 1)
    assert noted.told[1:] == [("keys", "machines", False)]
