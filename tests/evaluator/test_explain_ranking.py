"""Which policies an explanation tells of, and in which order."""

from collections.abc import Callable

from policy_engine.evaluator import Evaluator, RequestExplanation, explain_request
from policy_engine.model import AuthorizationRequest, CedarJson, Client, User

Build = Callable[..., Evaluator]
Ask = Callable[..., AuthorizationRequest]


def ids(explanation: RequestExplanation) -> list[str]:
    """All policies, in order."""
    return [each.policy.id for each in explanation.policies]


def test_those_that_fail_on_the_least_come_first(build: Build, ask: Ask, bot: Client) -> None:
    """Of those that fail on as much, the ones that fail on what is easier to change."""
    evaluator = build(
        '@id("other-kind") permit (principal is User, action, resource);'
        '@id("two") permit (principal, action, resource) when { context.token.scopes.contains("a") }'
        ' when { context.token.scopes.contains("b") };'
        '@id("scope") permit (principal, action, resource) when { context.token.scopes.contains("a") };'
        '@id("other-action") permit (principal, action == Action::"list_tools", resource);'
        '@id("choice") permit (principal, action, resource)'
        ' when { principal is User || context.token.scopes.contains("a") };'
        '@id("never") forbid (principal is User, action, resource);'
        '@id("shadow") @mode("shadow") permit (principal is User, action, resource);'
        '@id("group") permit (principal in ClientGroup::"machines/release", action, resource);'
    )
    explanation = explain_request(evaluator, ask(bot, "ping"))

    assert ids(explanation) == [
        "scope",
        "choice",
        "group",
        "other-kind",
        "two",
        "other-action",
        "never",
        "shadow",
    ]
    assert [each.policy.id for each in explanation.near] == ["scope", "choice", "group", "other-kind", "two"]
    assert explanation.told == explanation.near


def test_five_that_came_near_are_enough(build: Build, ask: Ask, bot: Client) -> None:
    """Nobody reads twenty."""
    text = "".join(f'@id("p{index}") permit (principal is User, action, resource);' for index in range(20))
    explanation = explain_request(build(text), ask(bot, "ping"))

    assert [each.policy.id for each in explanation.told] == ["p0", "p1", "p2", "p3", "p4"]
    assert len(explanation.policies) == 20


def test_what_decided_comes_before_what_came_near(build: Build, ask: Ask, bot: Client) -> None:
    """Then what applied or erred, then the near, then the rest."""
    evaluator = build(
        '@id("near") permit (principal is User, action, resource);'
        '@id("errs") permit (principal, action, resource) when { 9223372036854775807 + 1 == 0 };'
        '@id("tried") @mode("shadow") permit (principal, action, resource);'
        '@id("permits") permit (principal, action, resource);'
        '@id("forbids") forbid (principal is Client, action, resource);'
        '@id("far") permit (principal, action == Action::"list_tools", resource);'
    )
    explanation = explain_request(evaluator, ask(bot, "ping"))

    assert ids(explanation) == ["forbids", "tried", "permits", "errs", "near", "far"]
    assert [each.policy.id for each in explanation.told] == ["forbids", "tried", "permits", "errs", "near"]
    assert [each.decided for each in explanation.policies] == [True, False, False, False, False, False]


def test_a_shadow_policy_sees_what_it_would_see_if_it_decided(build: Build, ask: Ask, alice: User) -> None:
    """What is known of entities that no deciding policy names is looked up for it."""
    static: list[CedarJson] = [
        {
            "uid": {"type": "User", "id": "corp/boss"},
            "attrs": {"manager": {"type": "User", "id": "corp/alice"}},
        }
    ]
    condition = 'when { User::"corp/boss" has manager && User::"corp/boss".manager == principal }'
    shadow, deciding = (
        explain_request(
            build(f'@id("a") {mode} permit (principal is User, action, resource) {condition};', static),
            ask(alice, "ping"),
        )
        for mode in ('@mode("shadow")', "")
    )

    assert (shadow.verdict.code, deciding.verdict.code) == ("no_permit", "allowed")
    assert [each.outcome for each in shadow.policies] == ["applied"]
    assert [each.outcome for each in deciding.policies] == ["applied"]


def test_places_are_found_for_what_is_told_of(build: Build, ask: Ask, bot: Client) -> None:
    """And for the rest when they are asked for: reading a policy anew for its places takes its time."""
    evaluator = build('@id("far") forbid (principal is User, action, resource);')
    explanation = explain_request(evaluator, ask(bot, "ping"))
    (far,), (placed,) = explanation.policies, explanation.all_placed()

    assert explanation.told == ()
    assert far == placed
    assert "span=None" in str(far.findings)
    assert "Span(start=" in str(placed.findings)
