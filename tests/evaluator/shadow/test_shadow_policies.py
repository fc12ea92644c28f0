"""Policies in shadow mode are evaluated beside, and change no decision."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import PolicyEngine
from policy_engine.evaluator import Evaluator, Shadows
from policy_engine.model import AuthorizationRequest, Decision, ShadowMatch
from tests.plugins.samples import samples

BASE = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("reads") @kinds("both") permit (principal, action == Action::"github/list_issues", resource);
@id("stop") forbid (principal, action == Action::"github/delete_repository", resource);
"""

Call = Callable[..., dict[str, Any]]


def would(policy: str, effect: Any, what: Any) -> ShadowMatch:
    """What a decision says of one."""
    return ShadowMatch(policy=policy, effect=effect, would=what)


SHADOWS = """
@id("s-creates") @mode("shadow")
permit (principal is Client, action == Action::"github/create_issue", resource)
when { context.arguments.repo == "acme/app" };
@id("s-deletes") @mode("shadow") @kinds("both") permit (principal, action in Action::"github/*", resource);
@id("s-no-secret") @mode("shadow") forbid (principal, action == Action::"github/list_issues", resource)
when { context.arguments.repo == "acme/secret" };
@id("s-counts") @mode("shadow") forbid (principal, action == Action::"github/list_issues", resource)
when { context.arguments has limit && context.arguments.limit > 5
    && context.arguments.limit + 9223372036854775807 > 5 };
"""


@pytest.mark.parametrize(
    ("asked", "code", "shadow"),
    [
        (("list_issues", {"repo": "acme/app", "limit": 1}), "allowed", ()),
        (
            ("list_issues", {"repo": "acme/secret", "limit": 1}),
            "allowed",
            (would("s-no-secret", "forbid", "deny"), would("s-deletes", "permit", "nothing")),
        ),
        (
            ("list_issues", {"repo": "acme/app", "limit": 20}),
            "allowed",
            (would("s-counts", "forbid", "deny"), would("s-deletes", "permit", "nothing")),
        ),
        (
            ("create_issue", {"repo": "acme/app"}),
            "no_permit",
            (would("s-creates", "permit", "allow"), would("s-deletes", "permit", "allow")),
        ),
        (("create_issue", {"repo": "acme/other"}), "no_permit", (would("s-deletes", "permit", "allow"),)),
        (("delete_repository", {"repo": "acme/app"}), "forbidden", ()),
    ],
    ids=["nothing", "a forbid", "a forbid that errs", "two permits", "one permit", "forbidden anyway"],
)
def test_a_decision_says_what_each_policy_in_shadow_mode_would_have_changed(
    world: Any, call: Call, asked: tuple[str, dict[str, Any]], code: str, shadow: tuple[ShadowMatch, ...]
) -> None:
    """Each as if it alone were promoted; nothing is said if no decision would be another."""
    engine: PolicyEngine = world.engine(BASE + SHADOWS)
    plain: PolicyEngine = world.engine(BASE)
    token, (name, arguments) = world.machine(), asked

    # The second is of answers that were kept, the third is recalled where it can be.
    decisions = [engine.evaluate(token, call(name, **arguments)) for _ in range(3)]
    without = plain.evaluate(token, call(name, **arguments))

    assert [(decision.code, decision.shadow) for decision in decisions] == [(code, shadow)] * 3
    assert _compared(decisions[2]) == _compared(without)
    told = [match.to_dict() for match in shadow]
    assert [record.get("shadow", []) for record in world.sink.records] == [told, told, told, []]


def _compared(decision: Decision) -> Decision:
    """All of it but what is otherwise with other policies."""
    return replace(decision, shadow=(), latency_us=0, policy_digest=None)


@pytest.mark.parametrize(
    ("policy", "shadow"),
    [
        ("", ()),
        ("@delegable", (would("s", "permit", "allow"),)),
    ],
    ids=["guarded", "delegable"],
)
def test_delegated_requests_are_kept_out_as_from_real_permits(
    world: Any, call: Call, policy: str, shadow: tuple[ShadowMatch, ...]
) -> None:
    """What an agent does for a person only a permit allows whose author said so, in shadow mode too."""
    text = f'@id("s") @mode("shadow") {policy} permit (principal is User, action, resource);'
    engine: PolicyEngine = world.engine(BASE + text)
    agent = world.human(client_id="desktop-agent")

    decision = engine.evaluate(agent, call("create_issue", repo="acme/app"))
    person = engine.evaluate(world.human(), call("create_issue", repo="acme/app"))

    assert (decision.code, decision.shadow) == ("no_permit", shadow)
    assert (person.code, person.shadow) == ("no_permit", (would("s", "permit", "allow"),))


def test_a_forbid_in_shadow_mode_is_noticed_after_hits_without_it(world: Any, call: Call) -> None:
    """A call that is recalled differs from the last in what only a shadow policy reads."""
    text = (
        '@id("s") @mode("shadow") forbid (principal, action == Action::"github/list_issues", resource)\n'
        'when { context.arguments.repo like "secret/*" };'
    )
    engine: PolicyEngine = world.engine(BASE + text)
    token = world.machine()

    repos = ["a", "a", "b", "b", "secret/a", "secret/a", "a", "secret/a", "b"]
    found = [
        (decision.code, decision.reused, decision.shadow != ())
        for decision in (engine.evaluate(token, call("list_issues", repo=repo)) for repo in repos)
    ]

    # What decides reads no argument: from the second on its answers are known.
    assert found == [("allowed", number > 0, repo.startswith("secret")) for number, repo in enumerate(repos)]


def test_a_policy_that_reads_the_time_in_shadow_mode_is_asked_each_time(world: Any, call: Call) -> None:
    """What changes without the call being another is noticed."""
    text = (
        '@id("s") @mode("shadow") forbid (principal, action == Action::"github/list_issues", resource)\n'
        'when { context.time > datetime("2026-09-21T14:18:20Z") };'
    )
    engine: PolicyEngine = world.engine(BASE + text)
    token = world.machine()

    before = [engine.evaluate(token, call("list_issues", repo="a")).shadow for _ in range(3)]
    world.now += 300
    after = [engine.evaluate(token, call("list_issues", repo="a")).shadow for _ in range(3)]

    assert (before, after) == ([()] * 3, [(would("s", "forbid", "deny"),)] * 3)


def test_without_policies_in_shadow_mode_nothing_is_there_to_evaluate(world: Any) -> None:
    """What nobody uses costs nothing."""
    engine: PolicyEngine = world.engine(BASE)

    assert engine.stages.shadows is None


def test_what_fails_beside_a_decision_changes_none_and_is_told_once(
    world: Any, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    """An evaluator whose caches were taken away is a bug, and the decision stands."""
    engine: PolicyEngine = world.engine(BASE + SHADOWS)
    shadows = engine.stages.shadows
    assert shadows is not None
    broken = Shadows(engine.stages.evaluator, None, object.__new__(Evaluator))
    engine = engine.with_stages(replace(engine.stages, shadows=broken))
    token = world.machine()

    with caplog.at_level(logging.ERROR, "policy_engine"):
        decisions = [engine.evaluate(token, call("create_issue", repo="acme/app")) for _ in range(2)]
        broken.beside([], allowed=True)
        request = AuthorizationRequest.__new__(AuthorizationRequest)
        assert [broken.beside([request], allowed=True) for _ in range(2)] == [(), ()]

    assert [(each.code, each.shadow) for each in decisions] == [("no_permit", ())] * 2
    assert [record.message for record in caplog.records] == [
        "policies in shadow mode can't be evaluated: AttributeError"
    ]


CONDITIONS = st.sampled_from(
    [
        "true",
        'context.arguments.repo == "a"',
        'context.arguments.repo == "b" && context.arguments has limit',
        "context.arguments has limit && context.arguments.limit > 5",
        "context.arguments has limit && context.arguments.limit + 9223372036854775807 > 5",
    ]
)
POLICY = st.tuples(
    st.sampled_from(["permit", "forbid"]),
    st.sampled_from(["principal", "principal is Client", "principal is User"]),
    CONDITIONS,
    st.booleans(),
)


@settings(max_examples=samples(25), deadline=None)
@given(st.lists(POLICY, min_size=1, max_size=5))
def test_each_is_told_as_the_decision_would_be_if_it_alone_were_promoted(
    signing_keys: Any, drawn: list[tuple[str, str, str, bool]]
) -> None:
    """Held against engines in which that really was done."""
    from tests.conftest import World  # noqa: PLC0415 -- as fixtures make it

    world = World(keys=signing_keys)
    rows = [
        (
            f"p{number}",
            effect,
            shadow,
            f'{effect} ({principal}, action == Action::"github/list_issues", resource) when {{ {when} }};',
        )
        for number, (effect, principal, when, shadow) in enumerate(drawn)
    ]

    def text(promoted: str | None = None) -> str:
        mode, kinds = '@mode("shadow")', '@kinds("both")'
        return "\n".join(
            f'@id("{name}") {kinds if effect == "permit" else ""}'
            f" {mode if shadow and name != promoted else ''} {rest}"
            for name, effect, shadow, rest in rows
        )

    engine = world.engine(text())
    promoted = {name: world.engine(text(name)) for name, _, shadow, _ in rows if shadow}
    token = world.machine()
    for arguments in ({"repo": "a"}, {"repo": "b", "limit": 3}, {"repo": "c", "limit": 9}) * 2:
        params = {"name": "list_issues", "arguments": arguments}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        decision = engine.evaluate(token, message)
        changed = {
            name: "allow" if each.allowed else "deny"
            for name, each in ((name, other.evaluate(token, message)) for name, other in promoted.items())
            if each.allowed != decision.allowed
        }
        told = {match.policy: match.would for match in decision.shadow if match.would != "nothing"}
        assert told == changed
