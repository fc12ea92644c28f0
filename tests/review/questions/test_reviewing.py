"""A whole review: what is asked, what comes of it together, and what can't be reviewed."""

import json
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.review import Options, Outcome, assumptions, review, versions
from tests.plugins.solver import require_cvc5
from tests.review.questions.conftest import loaded, subject

GOOD = """
@id("session") @kinds("both") @delegable permit (principal, action in Action::"session", resource);
@id("people") permit (principal is User, action in Action::"call_tool", resource);
@id("bot") permit (principal == Client::"machines/bot", action == Action::"git/write", resource);
"""
DEFAULT = ("separation", "ceiling", "never", "delegation", "diff", "health")


def test_a_good_set_is_proved_good() -> None:
    """Every question that needs no more than the policies is answered; the whole comes first."""
    require_cvc5()
    found = review(subject(GOOD), Options(never=("destructive",)))

    assert found.outcome is Outcome.proved
    assert [verdict.question for verdict in found.verdicts if verdict.subject.startswith("every")] == [
        "separation",
        "delegation",
        "health",
    ]
    assert [verdict.subject for verdict in found.verdicts if verdict.question == "never"] == ["destructive"]


def test_a_review_says_what_it_rests_on() -> None:
    """Assumptions, digests and versions; all of it is JSON."""
    require_cvc5()
    of = subject(GOOD)
    found = review(of)

    assert found.assumptions == assumptions()
    assert found.digests == {**of.digests}
    assert found.digests["policies"] == of.policies.digest
    assert found.versions == versions()
    assert json.loads(json.dumps(found.to_dict()))["outcome"] == "proved"


@pytest.mark.parametrize(
    ("policies", "error"),
    [
        ('@id("x") permit (principal, action, resource', "<values>:1:"),
        ('@id("x") permit (principal is Usr, action, resource);', "<values>:1:"),
        ("permit (principal, action, resource);", "<values>:1:"),
        ('@id("x") permit (principal, action == Action::"git/none", resource);', "<values>:1:"),
        ('@id("x") permit (principal, action, resource) when { principal.email == "a" };', "<values>:1:"),
    ],
    ids=["not a policy", "no such type", "no id", "no such action", "unguarded"],
)
def test_policies_that_dont_validate_are_proved_nothing_of(policies: str, error: str) -> None:
    """Each question that was asked isn't known, with the mistake as the reason; nothing is raised."""
    found = review(loaded(policies), Options(never=("destructive",)))

    assert found.outcome is Outcome.unknown
    assert [verdict.question for verdict in found.verdicts] == ["separation", "never", "delegation", "health"]
    assert {verdict.outcome for verdict in found.verdicts} == {Outcome.unknown}
    for verdict in found.verdicts:
        assert verdict.reason is not None
        assert verdict.reason.reason == "invalid_policies"
        assert verdict.reason.detail.startswith(error)


def test_what_isnt_a_mistake_in_policies_is_raised() -> None:
    """A configuration that can't be used, or a question that there isn't, is wrong usage."""
    with pytest.raises(ConfigError):
        review(loaded(GOOD, entities=Path("nowhere.yaml")))
    with pytest.raises(ConfigError) as caught:
        review(subject(GOOD), Options(questions=("seperation",)))

    assert caught.value.problem == "there is no question `seperation`"


def test_progress_is_told() -> None:
    """How many of how many steps, of what; the last of each is all of them."""
    require_cvc5()
    told: list[tuple[int, int, str]] = []
    review(
        subject('@id("x") permit (principal, action, resource);'),
        progress=lambda done, total, what: told.append((done, total, what)),
    )

    assert {what.partition(":")[0] for _, _, what in told} == {"separation", "delegation", "health"} - {
        "delegation"
    }
    assert all(0 < done <= total for done, total, _ in told)


def test_what_the_solver_is_asked_is_kept(tmp_path: Path) -> None:
    """Each formula in a file of its own, with the answer in its name."""
    require_cvc5()
    condition = 'context.token.scopes.contains("a")'
    review(subject(f'@id("x") permit (principal, action, resource) when {{ {condition} }};'), keep=tmp_path)

    files = sorted(tmp_path.glob("*.smt2"))
    assert files
    assert {file.stem.partition("-")[2] for file in files} <= {"sat", "unsat"}
    assert '"separation: x: twins at ' in files[0].read_text()


def test_a_solver_without_time_leaves_things_unknown() -> None:
    """A permit that multiplies what it can't know; the reason is the time."""
    require_cvc5()
    count = "context.arguments.count"
    condition = f"context.arguments has count && {count} * {count} * {count} == 991026975"
    head = 'permit (principal is Client, action == Action::"git/write", resource)'
    text = f'@id("x") {head} when {{ {condition} }};'
    found = review(subject(text), Options(questions=("never",), never=("git/write",), timeout=0.5))

    (verdict,) = found.verdicts
    assert verdict.reason is not None
    assert (found.outcome, verdict.outcome) == (Outcome.unknown, Outcome.unknown)
    assert verdict.reason.reason in ("timeout", "solver_unknown")
