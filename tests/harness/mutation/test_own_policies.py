"""The policies that are shipped: no mistake in them goes unnoticed by the scenarios beside them."""

from pathlib import Path

import pytest

from policy_engine.harness.mutation import Fate, run_mutants
from policy_engine.harness.mutation.bench import Bench, Trial
from policy_engine.harness.scenarios import find_scenarios, load_scenarios
from policy_engine.harness.world import World

POLICIES = Path(__file__).parents[3] / "policies"


FOLDERS = pytest.mark.parametrize(
    "folder",
    sorted(config.parent for config in POLICIES.glob("*/policy-engine.yaml")),
    ids=lambda folder: folder.name,
)


@FOLDERS
def test_every_mistake_in_a_shipped_policy_is_noticed(folder: Path) -> None:
    """All of them; what is left out would be told here, with a call that tells it."""
    world = World.load(folder / "policy-engine.yaml")
    report = run_mutants(world, load_scenarios(find_scenarios(folder), world), jobs=1)
    assert [(each.mutant.id, each.suggestion) for each in report.survivors] == []
    assert report.counted > 40


@FOLDERS
def test_what_a_case_tells_is_never_taken_for_equivalent(folder: Path) -> None:
    """Neither by its form nor for what stands beside it: every mutant that was killed was worth it."""
    world = World.load(folder / "policy-engine.yaml")
    report = run_mutants(world, load_scenarios(find_scenarios(folder), world), jobs=1)
    bench = Bench(world, ())
    for outcome in report.outcomes:
        if outcome.fate is Fate.killed:
            trial = bench.admit(outcome.mutant)
            assert isinstance(trial, Trial)
            assert bench.masked(trial) is None, outcome.mutant
