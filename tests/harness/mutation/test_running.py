"""Mutants against cases: which are told, by what, and what it costs."""

from dataclasses import replace

import pytest

from policy_engine.errors import ConfigError
from policy_engine.harness import Case
from policy_engine.harness.mutation import Fate, MutationReport, Outcome, chosen_operators, run_mutants
from policy_engine.harness.world import World
from tests.harness.mutation.conftest import AGENT, ANN, BOT, TOOLS, CaseOf, WorldOf

POLICIES = """
@id("bot-orders")
permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)
when { context.arguments.count <= 5 };

@id("people-look")
permit (principal is User, action == Action::"shop/look", resource);
"""


@pytest.fixture
def world(world_of: WorldOf) -> World:
    """With one policy for a machine, and one for people."""
    return world_of(POLICIES)


@pytest.fixture
def cases(case_of: CaseOf) -> list[Case]:
    """Some, with gaps."""
    return [
        case_of(BOT, "order", {"item": "a", "count": 5}, allowed=True),
        case_of(BOT, "order", {"item": "a", "count": 9}, allowed=False),
        case_of(ANN, "order", {"item": "a", "count": 1}, allowed=False),
        case_of(ANN, "look", {"item": "a"}, allowed=True),
    ]


def _fates(report: MutationReport) -> dict[str, str]:
    return {
        outcome.mutant.id: outcome.fate.value
        for outcome in report.outcomes
        if outcome.fate in (Fate.killed, Fate.survived)
    }


def test_what_no_case_notices_survives(world: World, cases: list[Case]) -> None:
    """All that are counted, by name."""
    assert _fates(run_mutants(world, cases)) == {
        "bot-orders/effect-swapped/1": "killed",
        "bot-orders/policy-removed/1": "killed",
        "bot-orders/kind-swapped/1": "killed",
        "bot-orders/principal-widened/1": "survived",
        "bot-orders/principal-widened/2": "killed",
        "bot-orders/clause-negated/1": "killed",
        "bot-orders/clause-removed/1": "killed",
        "bot-orders/comparison-changed/1": "killed",
        "bot-orders/comparison-changed/2": "killed",
        "bot-orders/number-nudged/1": "survived",
        "people-look/effect-swapped/1": "killed",
        "people-look/policy-removed/1": "killed",
        "people-look/delegable-added/1": "survived",
        "people-look/kind-swapped/1": "killed",
        "people-look/kind-dropped/1": "survived",
        "people-look/action-widened/1": "killed",
        "people-look/action-widened/3": "killed",
    }


def test_the_score_is_of_those_that_can_be_told(world: World, cases: list[Case]) -> None:
    """Stillborn, equivalent and like ones aren't counted."""
    report = run_mutants(world, cases)
    assert report.counts == {
        Fate.killed: 13,
        Fate.survived: 4,
        Fate.stillborn: 3,
        Fate.equivalent: 1,
        Fate.duplicate: 4,
    }
    assert report.score == pytest.approx(100 * 13 / 17)
    assert report.passes(76.4)
    assert not report.passes(76.5)
    assert report.cases == 4


def test_it_is_said_who_told_and_why_others_do_not_count(world: World, cases: list[Case]) -> None:
    """Each outcome has its reason."""
    outcomes = {outcome.mutant.id: outcome for outcome in run_mutants(world, cases).outcomes}
    assert outcomes["bot-orders/clause-removed/1"].by == cases[1].id
    assert outcomes["bot-orders/shadow-added/1"].by == "bot-orders/policy-removed/1"
    assert (
        outcomes["bot-orders/delegable-added/1"].why
        == "says the same in other words, of all that can be asked"
    )
    assert outcomes["bot-orders/action-widened/3"].why.startswith("`context` has no `arguments`")


def test_only_cases_are_decided_that_could_be_told_otherwise(world: World, cases: list[Case]) -> None:
    """A case about another policy costs nothing, nor does one whose policies say what they said."""
    outcomes = {outcome.mutant.id: outcome for outcome in run_mutants(world, cases, suggest=False).outcomes}
    assert outcomes["bot-orders/principal-widened/1"].decided == 0
    assert outcomes["bot-orders/policy-removed/1"].decided == 1
    assert outcomes["people-look/kind-dropped/1"].decided == 0


def test_several_processes_come_to_the_same(world: World, cases: list[Case]) -> None:
    """In the same order, with the same words."""
    alone, together = (run_mutants(world, cases, jobs=jobs) for jobs in (1, 3))
    assert _plain(together) == _plain(alone)


def _plain(report: MutationReport) -> list[Outcome]:
    return [replace(outcome, decided=0) for outcome in report.outcomes]


def test_a_case_that_fails_as_it_is_stops_it(world: World, case_of: CaseOf) -> None:
    """It would tell every mutant, and mean nothing."""
    wrong = case_of(ANN, "look", {"item": "a"}, allowed=False)
    with pytest.raises(ConfigError, match="fails as it is"):
        run_mutants(world, [wrong])


def test_a_skipped_case_tells_nothing(world: World, cases: list[Case]) -> None:
    """As if it weren't there."""
    skipped = [replace(case, skip="later") for case in cases]
    report = run_mutants(world, skipped)
    assert (report.counts[Fate.killed], report.cases) == (0, 0)


def test_an_expected_policy_tells_what_the_decision_alone_does_not(
    world: World, cases: list[Case], case_of: CaseOf
) -> None:
    """Another policy that permits the same is noticed where the deciding ones are named."""
    pinned = case_of(AGENT, "look", {"item": "a"}, allowed=False)
    machine = case_of(BOT, "look", {"item": "a"}, allowed=False)
    fates = _fates(run_mutants(world, [*cases, pinned, machine]))
    assert fates["people-look/delegable-added/1"] == "killed"
    assert fates["people-look/kind-dropped/1"] == "killed"


def test_chosen_operators_and_policies_are_all_that_is_tried(world: World, cases: list[Case]) -> None:
    """Nothing else is looked at."""
    report = run_mutants(world, cases, operators=chosen_operators(["number-*"]), policies=["bot-orders"])
    assert [outcome.mutant.id for outcome in report.outcomes] == [
        "bot-orders/number-nudged/1",
        "bot-orders/number-nudged/2",
    ]


def test_progress_is_told_of_each(world: World, cases: list[Case]) -> None:
    """With how many there are by now, and of how many."""
    told: list[tuple[int, int]] = []
    report = run_mutants(world, cases, jobs=1, progress=lambda _, done, total: told.append((done, total)))
    total = len(report.outcomes)
    assert told == [(number + 1, total) for number in range(total)]


def test_a_missing_scope_is_noticed_where_the_policy_names_another(
    world_of: WorldOf, case_of: CaseOf
) -> None:
    """The verdict is the same refusal, and the caller is sent for another scope."""
    world = world_of(
        """
        @id("p") permit (principal is Client, action == Action::"shop/look", resource)
        when { context.token.scopes.contains("read") };
        """
    )
    case = case_of(BOT, "look", {"item": "a"}, allowed=False)
    asked = replace(case, expect=replace(case.expect, scopes=("read",), code="insufficient_scope"))
    fates = _fates(run_mutants(world, [asked], operators=chosen_operators(["text-changed"])))
    assert fates == {"p/text-changed/1": "killed"}


def test_a_list_is_noticed(world_of: WorldOf, case_of: CaseOf) -> None:
    """What is left of a server's list tells a mutant, with no call at all."""
    world = world_of(
        """
        @id("list") permit (principal, action == Action::"list_tools", resource);
        @id("look") permit (principal is User, action == Action::"shop/look", resource);
        """
    )
    tools = [tool["item"] for tool in TOOLS]
    case = case_of(ANN, "look", {"item": "a"}, allowed=True)
    listed = replace(
        case,
        asked=replace(
            case.asked,
            message={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
            listed={"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}},
        ),
        expect=replace(case.expect, visible=("look",)),
    )
    report = run_mutants(world, [listed], policies=["look"], operators=chosen_operators(["action-widened"]))
    assert _fates(report) == {"look/action-widened/1": "killed", "look/action-widened/3": "killed"}
