"""A whole review, with each of its calls seen with a token that was really signed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from policy_engine.cli.review.witnesses import attested, calls_to_deny, save_scenario
from policy_engine.review import Options, review
from tests.plugins.solver import require_cvc5

Make = Callable[..., Any]


def test_every_witness_of_a_review_is_a_token_and_a_line_to_type(make: Make) -> None:
    """Machines and people alike; what is to be denied is what machines do."""
    require_cvc5()
    project = make()
    found = review(project.loaded, Options(questions=("separation",)))

    seen = attested(found, project.loaded, Path("policy-engine.yaml"))

    (verdict,) = [each for each in seen.verdicts if each.subject == "all-issues"]
    (witness,) = verdict.witnesses
    assert witness.twin is not None
    calls = [witness.call, witness.twin.call]
    assert [call and (call.proved, call.command.split(" --")[0]) for call in calls] == [
        (True, "policy-engine token mint"),
        (True, "policy-engine token mint"),
    ]
    assert {str(call.principal.uid) for call in calls_to_deny(seen)} == {'Client::"machines/ci-bot"'}


def test_what_a_review_found_is_saved_and_gone_once_it_is_mended(make: Make) -> None:
    """The scenario holds each call once, whichever verdicts it is of."""
    require_cvc5()
    project = make()
    found = review(project.loaded, Options(questions=("separation",)))
    file = project.folder / "found.scenario.yaml"

    saved = save_scenario(project.world, calls_to_deny(found), file)

    assert len(saved.names) == 1
    assert "client: ci-bot" in file.read_text()
    assert "user:" not in file.read_text()


def test_a_review_without_witnesses_stays_as_it_is(make: Make) -> None:
    """Nothing is signed for nothing."""
    project = make('@id("people") permit (principal is User, action in Action::"call_tool", resource);')
    found = review(project.loaded, Options(questions=("separation",)))

    assert attested(found, project.loaded, Path("policy-engine.yaml")) is found
