"""Small deployments that are subtly wrong, and such that are right and look wrong: the review tells which."""

from functools import cache

import pytest

from policy_engine import Decision, PolicyEngine
from policy_engine.cedar import Authorizer, CedarRequest, Schema
from policy_engine.review import Outcome, Review, Subject, Verdict, Witness, review
from tests.plugins.solver import require_cvc5
from tests.review.folders.folder import FOLDERS, RIGHT, WRONG, Folder, options_of

by_name = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
wrong_ones = pytest.mark.parametrize("folder", WRONG, ids=lambda folder: folder.name)
right_ones = pytest.mark.parametrize("folder", RIGHT, ids=lambda folder: folder.name)


def deciding(decision: Decision) -> list[str]:
    """The ids of the policies that decided."""
    return [policy.id for policy in decision.policies]


def test_there_are_thirty_of_each() -> None:
    """Each with a sentence of its own on what is wrong, or why it is right."""
    sentences = [folder.expected["why"] for folder in FOLDERS]

    assert (len(WRONG) >= 30, len(RIGHT) >= 30) == (True, True)
    assert len(set(sentences)) == len(sentences)


@by_name
def test_the_engine_loads_it(folder: Folder) -> None:
    """With all that it is compared with; a folder that doesn't load would show nothing."""
    others = [folder.other(key) for key in ("ceiling", "against") if key in folder.expected]

    assert isinstance(folder.engine, PolicyEngine)
    assert folder.expected.get("policy", next(iter(folder.engine.stages.policies.policies))) in (
        folder.engine.stages.policies.policies
    )
    assert all(store.policies for store in others)


@wrong_ones
def test_a_wrong_folder_is_broken_by_the_call_that_it_shows(folder: Folder) -> None:
    """Whatever a review says of it: the engine is asked, and no solver."""
    policy, decision = folder.expected["policy"], folder.decide()

    match folder.question:
        case "separation":
            twin = folder.decide(twin=True)
            assert [(each.allowed, deciding(each)) for each in (decision, twin)] == [(True, [policy])] * 2
        case "never" | "delegation":
            assert (decision.allowed, deciding(decision)) == (True, [policy])
        case "ceiling":
            assert (decision.allowed, deciding(decision)) == (True, [policy])
            assert not folder.decide(by=folder.other("ceiling")).allowed
        case "diff":
            assert decision.allowed
            assert not folder.decide(by=folder.other("against")).allowed
        case "health":
            assert [error.policy for error in decision.errors] == [policy] or deciding(decision) == [policy]
        case _:
            pytest.fail(folder.question)


@right_ones
def test_a_right_folder_withstands_the_call_that_it_shows(folder: Folder) -> None:
    """The call that one would try; whoever is permitted it in spite of all is no finding."""
    assert folder.decide().code == folder.shown["code"]


@wrong_ones
def test_a_review_finds_what_is_wrong(folder: Folder) -> None:
    """By the question and at the policy that the folder says, with a request that breaks it."""
    found = reviewed(folder)

    assert found.outcome is Outcome.violated
    assert Outcome.unknown not in {verdict.outcome for verdict in found.verdicts}
    assert shown_by(folder) != []


@wrong_ones
def test_what_a_review_finds_is_so(folder: Folder) -> None:
    """Cedar itself decides each request as it is told, and the engine the call that stands for it."""
    subject = Subject.of(folder.loaded)
    permits = {policy.id for policy in subject.running.values() if policy.effect == "permit"}
    cedar = Authorizer.from_text(subject.policies.effective_text(), Schema.from_json(subject.schema))

    shown = shown_by(folder)
    for witness in shown:
        request = CedarRequest(witness.principal, witness.action, witness.resource, witness.context)
        answer = cedar.authorize(request, entities=[*witness.entities])
        # What Cedar alone skips: with the engine, a forbid that can't be evaluated denies.
        closed = {error.policy for error in answer.errors} - permits
        assert (answer.allowed and not closed, closed or {*answer.policies}) == (
            witness.allowed,
            {*witness.policies},
        )
    reachable = [witness for witness in shown if witness.call is not None and witness.call.reachable]
    # JSON numbers are doubles, and an overflow may need an integer that is none.
    assert reachable or folder.question == "health"
    assert [again(folder, witness) for witness in reachable] == [witness.allowed for witness in reachable]


@right_ones
def test_a_review_proves_what_is_right(folder: Folder) -> None:
    """The question that one would ask of it, with nothing left unknown."""
    found = reviewed(folder)

    assert found.outcome is Outcome.proved
    assert {verdict.question for verdict in found.verdicts} == {folder.question}
    assert Outcome.unknown not in {verdict.outcome for verdict in found.verdicts}


@cache
def reviewed(folder: Folder) -> Review:
    """What the review says of a folder, asked the folder's own question; warnings count."""
    require_cvc5()
    return review(Subject.of(folder.loaded), options_of(folder))


def again(folder: Folder, witness: Witness) -> bool:
    """Whether the engine allows the call that stands for a request; asked anew, at the time of that call."""
    call = witness.call
    assert call is not None
    engine = PolicyEngine.from_config(folder.loaded, now=lambda: call.at)
    return engine.authorize(call.principal, call.message, call.server, call.token, call.http).allowed


def shown_by(folder: Folder) -> list[Witness]:
    """The requests by which a review shows that the policy of a wrong folder is wrong, twins included."""

    def accuses(verdict: Verdict) -> bool:
        policies = (verdict.outcome, verdict.counts, folder.expected["policy"] in verdict.policies)
        return policies == (Outcome.violated, True, True)

    shown = [
        witness for verdict in reviewed(folder).verdicts if accuses(verdict) for witness in verdict.witnesses
    ]
    return [*shown, *(witness.twin for witness in shown if witness.twin is not None)]
