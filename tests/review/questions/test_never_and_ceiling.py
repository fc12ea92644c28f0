"""`never` and `ceiling`: what no machine may use, and the most that anybody may do."""

import pytest

from policy_engine.errors import ConfigError
from policy_engine.evaluator import PolicySource
from policy_engine.review import Bound, Outcome, Severity
from policy_engine.review.options import Kind
from tests.review.questions.conftest import Reviewed, about, said

POLICIES = """
@id("ci-writes") permit (principal in ClientGroup::"machines/ci", action == Action::"git/write", resource)
when { context.arguments.repo == "acme/app" };
@id("all-tools") permit (principal == Client::"machines/bot", action in Action::"call_tool", resource);
@id("no-wiping") forbid (principal is Client, action in Action::"destructive", resource);
@id("people") @delegable permit (principal is User, action in Action::"call_tool", resource);
"""


@pytest.mark.parametrize("name", ["destructive", "git/wipe", 'Action::"git/wipe"', 'Tool::"git/wipe"'])
def test_no_machine_ever_uses_what_a_forbid_keeps_from_all(reviewed: Reviewed, name: str) -> None:
    """Named as a group, a tool or an action; the types decide, so it takes no solver."""
    found = reviewed("never", POLICIES, never=(name,), timeout=None)

    (verdict,) = found.verdicts
    group = name == "destructive"
    what = 'anything in `Action::"destructive"` (1 action)' if group else '`Action::"git/wipe"`'
    assert (verdict.outcome, verdict.subject, verdict.vacuous) == (Outcome.proved, name, False)
    assert verdict.statement == (
        f"no machine can ever use {what}, whatever its token says and whatever it asks for"
    )


def test_what_a_machine_can_use_is_shown_by_action(reviewed: Reviewed) -> None:
    """With the machine that can, and the policies by which it can."""
    found = reviewed("never", POLICIES, never=("git/*",))

    (verdict,) = found.verdicts
    assert (verdict.outcome, verdict.statement, dict(verdict.details)) == (
        Outcome.violated,
        'a machine can use something in `Action::"git/*"`: `git/look` and `git/write`',
        {"violated": ["git/look", "git/write"]},
    )
    assert {
        (str(witness.action), str(witness.principal), witness.policies, witness.allowed)
        for witness in verdict.witnesses
    } >= {('Action::"git/look"', 'Client::"machines/bot"', ("all-tools",), True)}
    assert all(witness.call is not None and witness.call.decision.allowed for witness in verdict.witnesses)


def test_a_group_without_members_proves_nothing(reviewed: Reviewed) -> None:
    """It is said so, and noted."""
    found = reviewed("never", '@id("x") permit (principal, action, resource);', never=("idempotent",))

    (verdict,) = found.verdicts
    assert (verdict.outcome, verdict.vacuous, verdict.severity, verdict.environments) == (
        Outcome.proved,
        True,
        Severity.note,
        0,
    )
    assert verdict.statement == (
        'no machine can use anything in `Action::"idempotent"`, but only since there is nothing in it yet'
    )


def test_what_isnt_there_is_told_with_what_is_near(reviewed: Reviewed) -> None:
    """A misspelt tool isn't a tool that nobody can use."""
    with pytest.raises(ConfigError) as caught:
        reviewed("never", POLICIES, never=("git/wype",))

    assert caught.value.problem == 'there is no `Action::"git/wype"`'
    assert caught.value.remedy == "did you mean `git/wipe`?"


def bound(text: str, kind: Kind = "Client") -> tuple[Bound]:
    """A bound in a file."""
    return (Bound(source=PolicySource(text=text, file="bound.cedar"), kind=kind),)


WRITE = '@id("b") permit (principal is Client, action == Action::"git/write", resource)'


def test_machines_stay_within_a_bound(reviewed: Reviewed) -> None:
    """Whatever the conditions of both look like."""
    ci = POLICIES.replace('@id("all-tools")', '@id("all-tools") @mode("shadow")')
    wide = f'{WRITE} when {{ context.arguments.repo like "acme/*" }};'
    found = reviewed("ceiling", ci, bounds=bound(wide))

    assert said(found) == {
        "bound.cedar": ("proved", "machines can do nothing that `bound.cedar` doesn't allow")
    }
    assert set(about(found, "bound.cedar").details) == {"kind", "bound"}


def test_what_goes_beyond_a_bound_is_shown(reviewed: Reviewed) -> None:
    """The engine allows it, and the bound doesn't."""
    ci = POLICIES.replace('@id("all-tools")', '@id("all-tools") @mode("shadow")')
    narrow = f'{WRITE} when {{ context.arguments.repo like "acme/lib*" }};'
    found = reviewed("ceiling", ci, bounds=bound(narrow))

    verdict = about(found, "bound.cedar")
    (witness,) = verdict.witnesses
    assert (verdict.outcome, verdict.statement) == (
        Outcome.violated,
        "machines can do what `bound.cedar` doesn't allow: `git/write`",
    )
    assert (witness.policies, witness.context["arguments"]["repo"]) == (("ci-writes",), "acme/app")
    assert witness.note == "in what this is held against, it is permitted by nothing"
    assert witness.call is not None
    assert (witness.call.reachable, witness.call.decision.allowed) == (True, True)


def test_a_bound_for_people_covers_agents_only_if_it_says_so(reviewed: Reviewed) -> None:
    """It is read as the policies are."""
    every = 'permit (principal is User, action in Action::"call_tool", resource);'
    by_hand = reviewed("ceiling", POLICIES, bounds=bound(f'@id("b") {every}', "User"))
    lent = reviewed("ceiling", POLICIES, bounds=bound(f'@id("b") @delegable {every}', "User"))

    assert [str(found.outcome) for found in (by_hand, lent)] == ["violated", "proved"]
    assert {"actor" in witness.context for witness in by_hand.verdicts[0].witnesses} == {True}


def test_where_nothing_is_allowed_a_bound_is_kept_for_nothing(reviewed: Reviewed) -> None:
    """It is said so."""
    found = reviewed(
        "ceiling", '@id("x") permit (principal is User, action, resource);', bounds=bound(f"{WRITE};")
    )

    (verdict,) = found.verdicts
    assert (verdict.outcome, verdict.vacuous, verdict.statement) == (
        Outcome.proved,
        True,
        "machines stay within `bound.cedar`, since nothing at all is allowed to them",
    )


def test_a_bound_with_a_mistake_proves_nothing(reviewed: Reviewed) -> None:
    """Its first mistake is the reason."""
    found = reviewed(
        "ceiling", POLICIES, bounds=bound('@id("b") permit (principal is Client, action, nothing);')
    )

    (verdict,) = found.verdicts
    assert verdict.reason is not None
    assert (verdict.outcome, verdict.reason.reason, verdict.statement) == (
        Outcome.unknown,
        "invalid_policies",
        "whether the bound `bound.cedar` is kept isn't known: it doesn't validate",
    )
    assert verdict.reason.detail.startswith("bound.cedar:1:")
