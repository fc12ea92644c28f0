"""`health`: policies that decide nothing, that can fail, or whose conditions say nothing."""

from typing import Any

from policy_engine.review import Outcome, Severity
from tests.review.questions.conftest import Reviewed, about, said

WRITE = 'permit (principal is User, action == Action::"git/write", resource)'

NOTHING_TO_MEND = """
@id("people-look") permit (principal is User, action == Action::"git/look", resource);
@id("bot-writes") permit (principal == Client::"machines/bot", action == Action::"git/write", resource)
when { context.arguments.repo == "acme/app" };
@id("bot-not-at-night") forbid (principal is Client, action, resource)
when { context.token.scopes.contains("night") };
"""

FINDINGS: dict[str, tuple[str, str, Severity, str]] = {
    "vacuous": (
        f'@id("x") {WRITE} when {{ context.arguments.repo == "a" && context.arguments.repo == "b" }};',
        "`x` never applies: no request fulfils its conditions",
        Severity.warning,
        "vacuous",
    ),
    "of another kind": (
        f'@id("x") {WRITE} when {{ principal is Client }};',
        "`x` never applies: no request fulfils its conditions",
        Severity.warning,
        "vacuous",
    ),
    "shadowed": (
        f'@id("x") {WRITE} when {{ context.arguments.repo == "a" }};'
        f'@id("all") {WRITE} when {{ context.arguments.repo like "a*" }};',
        "`x` adds nothing: whatever it permits, `all` permits as well",
        Severity.warning,
        "shadowed",
    ),
    "redundant": (
        f'@id("x") {WRITE} when {{ context.arguments.repo == "a" || context.arguments.repo == "b" }};'
        f'@id("one") {WRITE} when {{ context.arguments.repo like "a*" }};'
        f'@id("other") {WRITE} when {{ context.arguments.repo like "b*" }};',
        "`x` adds nothing: whatever it permits is decided by `one` and `other` as well",
        Severity.warning,
        "redundant",
    ),
    "overridden": (
        f'@id("x") {WRITE} when {{ context.arguments.repo == "a" }};'
        '@id("f") forbid (principal, action == Action::"git/write", resource)'
        ' when { context.arguments.repo like "a*" };'
        f'@id("y") {WRITE} when {{ context.arguments.repo like "*" && context.arguments.repo != "" }};',
        "`x` permits nothing: `f` always forbids it",
        Severity.warning,
        "overridden",
    ),
    "a guard rail": (
        f'@id("y") {WRITE}; @id("x") forbid (principal is Client, action, resource);',
        "`x` stops nothing that a permit allows today",
        Severity.note,
        "guard rail",
    ),
    "about nothing yet": (
        '@id("x") permit (principal is User, action in Action::"idempotent", resource);',
        "`x` is about nothing that there is yet",
        Severity.note,
        "nothing yet",
    ),
    "always true": (
        f'@id("x") {WRITE} when {{ principal has subject && principal.issuer like "*" }};',
        "the conditions of `x` are always true: it permits whatever its head admits",
        Severity.warning,
        "always true",
    ),
    "can fail, and permits nothing": (
        f'@id("x") {WRITE} when {{ context.arguments has count && context.arguments.count + 1 > 10 }};',
        "`x` can fail, and then permits nothing",
        Severity.warning,
        "can fail",
    ),
    "can fail, and denies": (
        f'@id("y") {WRITE}; @id("x") forbid (principal is User, action == Action::"git/write", resource)'
        " when { context.arguments has count && context.arguments.count * 2 > 10 };",
        "`x` can fail, and then denies whatever it is about",
        Severity.warning,
        "can fail",
    ),
}


def test_each_finding_is_told_in_a_sentence(reviewed: Reviewed) -> None:
    """With how much it matters; no other is told of the same policy."""
    told: dict[str, Any] = {}
    for name, (policies, *_) in FINDINGS.items():
        found = reviewed("health", policies)
        told[name] = [
            (verdict.statement, verdict.severity, verdict.details["finding"], verdict.outcome)
            for verdict in found.verdicts
            if verdict.subject == "x"
        ]

    assert told == {
        name: [(statement, severity, finding, Outcome.violated)]
        for name, (_, statement, severity, finding) in FINDINGS.items()
    }


def test_where_every_policy_matters_that_is_said(reviewed: Reviewed) -> None:
    """Each of them decides some request that no other decides."""
    found = reviewed("health", NOTHING_TO_MEND)

    assert said(found) == {
        "every policy": (
            "proved",
            "of 3 policies, each decides something that no other does, and none can fail",
        )
    }


def test_guard_rails_are_counted_beside(reviewed: Reviewed) -> None:
    """They are no mistake: a forbid is for the permits of tomorrow."""
    found = reviewed("health", FINDINGS["a guard rail"][0])

    whole = about(found, "every policy")
    assert (whole.outcome, whole.statement) == (
        Outcome.proved,
        "of 2 policies, 1 decides something that no other does, 1 decides nothing today, and none can fail",
    )


def test_a_policy_that_fails_is_shown_failing(reviewed: Reviewed) -> None:
    """By the engine, with a number beyond what Cedar counts to."""
    found = reviewed("health", FINDINGS["can fail, and denies"][0])

    (witness,) = about(found, "x").witnesses
    assert (witness.allowed, witness.policies) == (False, ("x",))
    assert abs(witness.context["arguments"]["count"]) > 2**62


def test_health_is_a_warning(reviewed: Reviewed) -> None:
    """It breaks nothing; whoever wants to can have it decide."""
    policies = FINDINGS["shadowed"][0]
    told = reviewed("health", policies)
    strict = reviewed("health", policies, fail_on=Severity.warning)

    assert (told.outcome, strict.outcome) == (Outcome.proved, Outcome.violated)
    assert about(told, "every policy").statement == "there is something to mend in 1 of 2 policies: `x`"


def test_without_a_solver_it_isnt_known_what_matters(reviewed: Reviewed) -> None:
    """Only what types decide is told."""
    found = reviewed(
        "health", FINDINGS["of another kind"][0] + FINDINGS["shadowed"][0].split(";")[1] + ";", timeout=None
    )

    assert {name: outcome for name, (outcome, _) in said(found).items()} == {
        "every policy": "violated",
        "x": "violated",
        "all": "unknown",
    }
