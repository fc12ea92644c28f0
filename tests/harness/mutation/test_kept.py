"""What is known from an earlier run isn't decided again, and nothing else is taken for known."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from policy_engine.harness import Case
from policy_engine.harness.mutation import Fate, MutationReport, run_mutants
from tests.harness.mutation.conftest import AGENT, ANN, BOT, CaseOf, WorldOf

_POLICIES = '@id("look") permit (principal is User, action == Action::"shop/look", resource);'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it is kept."""
    return tmp_path / ".policy-engine" / "mutation.json"


@pytest.fixture
def cases(case_of: CaseOf) -> list[Case]:
    """A person may look, a machine may not."""
    return [
        case_of(ANN, "look", {"item": "a"}, allowed=True),
        case_of(BOT, "look", {"item": "a"}, allowed=False),
    ]


def _new(report: MutationReport) -> set[str]:
    """Those that were decided."""
    return {
        outcome.mutant.id
        for outcome in report.outcomes
        if outcome.fate in (Fate.killed, Fate.survived) and not outcome.cached
    }


def _plain(report: MutationReport) -> list[object]:
    return [replace(outcome, cached=False, decided=0) for outcome in report.outcomes]


def test_the_second_run_decides_nothing(world_of: WorldOf, cases: list[Case], file: Path) -> None:
    """And says the same, suggestions included, of another world of the same files."""
    first = run_mutants(world_of(_POLICIES), cases, cache=file)
    second = run_mutants(world_of(_POLICIES), cases, cache=file)
    assert len(_new(first)) == first.counted > 5
    assert _new(second) == set()
    assert _plain(second) == _plain(first)


def test_another_case_is_tried_with_survivors_alone(
    world_of: WorldOf, cases: list[Case], case_of: CaseOf, file: Path
) -> None:
    """What was told before is told still."""
    first = run_mutants(world_of(_POLICIES), cases, cache=file)
    more = [*cases, case_of(AGENT, "look", {"item": "a"}, allowed=False)]
    second = run_mutants(world_of(_POLICIES), more, cache=file)
    assert _new(second) == {outcome.mutant.id for outcome in first.survivors}
    assert [outcome.mutant.id for outcome in first.survivors if outcome.mutant.operator == "delegable-added"]
    assert "look/delegable-added/1" not in {outcome.mutant.id for outcome in second.survivors}


def test_a_case_that_expects_something_else_tells_anew(
    world_of: WorldOf, cases: list[Case], file: Path
) -> None:
    """What it told before isn't known any more; what others told is."""
    run_mutants(world_of(_POLICIES), cases, cache=file)
    weaker = [replace(cases[0], expect=replace(cases[0].expect, allowed=None)), cases[1]]
    report = run_mutants(world_of(_POLICIES), weaker, cache=file)
    fates = {outcome.mutant.id: (outcome.fate, outcome.cached) for outcome in report.outcomes}
    assert fates["look/policy-removed/1"] == (Fate.survived, False)
    assert fates["look/kind-dropped/1"] == (Fate.killed, True)


def test_other_policies_make_all_of_it_unknown(world_of: WorldOf, cases: list[Case], file: Path) -> None:
    """What tells a mutant depends on what stands beside it."""
    run_mutants(world_of(_POLICIES), cases, cache=file)
    more = f'{_POLICIES} @id("list") permit (principal, action == Action::"list_tools", resource);'
    report = run_mutants(world_of(more), cases, cache=file)
    assert len(_new(report)) == report.counted


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 2, "world": "", "outcomes": {}}'],
)
def test_a_file_that_cannot_be_read_is_written_anew(
    world_of: WorldOf, cases: list[Case], file: Path, text: str
) -> None:
    """It is only about time."""
    file.parent.mkdir()
    file.write_text(text)
    report = run_mutants(world_of(_POLICIES), cases, cache=file)
    assert len(_new(report)) == report.counted
    assert json.loads(file.read_text())["version"] == 1


def test_rows_that_somebody_wrote_are_not_believed_in_part(
    world_of: WorldOf, cases: list[Case], file: Path
) -> None:
    """A row that lacks something is none."""
    run_mutants(world_of(_POLICIES), cases, cache=file)
    held = json.loads(file.read_text())
    held["outcomes"] = {name: {"fate": "killed"} for name in held["outcomes"]}
    file.write_text(json.dumps(held))
    report = run_mutants(world_of(_POLICIES), cases, cache=file)
    assert len(_new(report)) == report.counted


def test_the_file_holds_no_token_and_is_kept_out_of_git(
    world_of: WorldOf, cases: list[Case], file: Path
) -> None:
    """Its folder ignores itself."""
    world = world_of(_POLICIES)
    token = world.mint(issuer="machines", id="bot")
    case = replace(cases[1], id="by token", who=replace(cases[1].who, identity=None, token=token))
    run_mutants(world, [*cases, case], cache=file)
    assert token.rpartition(".")[2] not in file.read_text()
    assert (file.parent / ".gitignore").read_text() == "*\n"


def test_chosen_policies_leave_what_is_known_of_others(
    world_of: WorldOf, cases: list[Case], file: Path
) -> None:
    """A run of one operator doesn't forget the rest."""
    run_mutants(world_of(_POLICIES), cases, cache=file)
    run_mutants(world_of(_POLICIES), cases, policies=[], cache=file)
    assert _new(run_mutants(world_of(_POLICIES), cases, cache=file)) == set()
