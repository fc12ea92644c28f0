"""Each call that is suggested tells the mutant, as it stands in a scenario file."""

from pathlib import Path

import pytest

from policy_engine.harness import Case
from policy_engine.harness.mutation import (
    Fate,
    MutationReport,
    Suggestion,
    chosen_operators,
    run_mutants,
    suggested_file,
)
from policy_engine.harness.mutation.bench import Bench, Trial
from policy_engine.harness.mutation.suggesting import Suggester
from policy_engine.harness.running import run_cases
from policy_engine.harness.scenarios import load_scenarios
from policy_engine.harness.world import World
from tests.harness.mutation.conftest import ANN, CaseOf, WorldOf, shop

_POLICIES = """
@id("bot-orders") @reason("b")
permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)
when { context.arguments.count <= 5 && context.token.scopes.contains("order") }
unless { context.arguments has urgent && context.arguments.urgent };

@id("members-look")
permit (principal in Group::"corp/members", action in Action::"read_only", resource)
when { context.arguments.item like "public/*" };

@id("agents-look") @delegable
permit (principal is User, action == Action::"shop/look", resource)
when { context has actor && context.actor == Client::"corp/helper" && context.arguments.item != "secret" };

@id("nobody-answers")
forbid (principal is Client, action, resource) when { context.input_responses.contains("elicitation") };

@id("lists")
permit (principal, action in [Action::"list_tools", Action::"read_resource"], resource);
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """With policies of all kinds."""
    return shop(tmp_path_factory.mktemp("shop"), _POLICIES)


@pytest.fixture(scope="module")
def report(world: World) -> MutationReport:
    """What becomes of all mutants where there is no case at all."""
    return run_mutants(world, [], jobs=1)


def _cases_of(world: World, text: str, folder: Path) -> tuple[Case, ...]:
    file = folder / "suggested.scenario.yaml"
    file.write_text(text, "utf-8")
    return load_scenarios([file], world)


def test_without_any_case_all_survive_and_a_call_is_found_for_each(report: MutationReport) -> None:
    """Machines, people, agents, groups, scopes, arguments and methods are all tried."""
    assert report.counts[Fate.killed] == 0
    assert [outcome.mutant.id for outcome in report.survivors if outcome.suggestion is None] == []
    assert len(report.survivors) > 50


def test_every_suggested_call_tells_its_mutant(world: World, report: MutationReport, tmp_path: Path) -> None:
    """Taken alone, pasted as it is."""
    for outcome in report.survivors:
        assert outcome.suggestion is not None
        cases = _cases_of(world, outcome.suggestion.entry, tmp_path)
        again = run_mutants(
            world,
            cases,
            operators=chosen_operators([outcome.mutant.operator]),
            policies=[outcome.mutant.policy],
            suggest=False,
            jobs=1,
        )
        fates = {each.mutant.id: each.fate for each in again.outcomes}
        assert fates[outcome.mutant.id] is Fate.killed, outcome.suggestion


def test_all_suggestions_together_are_one_file_that_tells_all(
    world: World, report: MutationReport, tmp_path: Path
) -> None:
    """Names don't collide, and what is expected is what is decided."""
    text = suggested_file(each.suggestion for each in report.survivors if each.suggestion)
    cases = _cases_of(world, text, tmp_path)
    assert run_cases(world, cases).failed == 0
    assert run_mutants(world, cases, jobs=1).survivors == ()


def test_a_suggestion_is_told_in_words(world_of: WorldOf, case_of: CaseOf) -> None:
    """Who, what, and what is decided by either."""
    world = world_of('@id("look") permit (principal is User, action == Action::"shop/look", resource);')
    (told,) = _named(run_mutants(world, [case_of(ANN, "look", {"item": "a"}, allowed=True)]), "kind-dropped")
    assert told is not None
    assert told.call == 'Client::"corp/ann": look {"item": "a"} at shop'
    assert (told.original, told.mutated) == ("no_permit", "allowed by look")
    assert told.entry == (
        "version: 1\n"
        "principals:\n"
        '  "machine ann 1588": {"entity": "Client::\\"corp/ann\\""}\n'
        "calls:\n"
        '  "look 3c14": {"tool": "look", "arguments": {"item": "a"}}\n'
        "tests:\n"
        '  - {"who": "machine ann 1588", "asks": "look 3c14", "expect": "no_permit"}\n'
    )


def _named(report: MutationReport, operator: str) -> list[Suggestion | None]:
    return [outcome.suggestion for outcome in report.outcomes if outcome.mutant.operator == operator]


@pytest.mark.parametrize("folder", ["baseline", "demo", "deploy-bot", "reporting", "support-agent"])
@pytest.mark.no_cover
def test_what_is_called_equivalent_is_told_by_none_of_thousands_of_calls(folder: str) -> None:
    """The search that finds a call for every survivor finds none for any of these."""
    world = World.load(Path(__file__).parents[3] / "policies" / folder / "policy-engine.yaml")
    bench = Bench(world, ())
    suggester = Suggester(world, (), bench)
    for outcome in run_mutants(world, [], suggest=False, jobs=1).outcomes:
        if outcome.fate is Fate.equivalent:
            trial = bench.trial(outcome.mutant)
            assert isinstance(trial, Trial)
            assert suggester.suggest(trial) is None, outcome
