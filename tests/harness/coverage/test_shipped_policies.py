"""The shipped policies: all of them is exercised, and what is counted agrees with what was decided."""

from collections import Counter
from pathlib import Path

import pytest

from policy_engine.harness.coverage import Coverage, Thresholds, kind_of, shortfalls
from policy_engine.harness.running import run_cases
from policy_engine.harness.scenarios import find_scenarios, load_scenarios
from policy_engine.harness.world import World
from policy_engine.model import Principal

POLICIES = Path(__file__).parents[3] / "policies"
FOLDERS = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())
ALL = Thresholds(least={"policy": 100.0, "clause": 100.0, "condition": 100.0, "User": 100.0, "Client": 100.0})


@pytest.mark.parametrize("name", FOLDERS)
def test_all_of_a_shipped_set_is_exercised(name: str) -> None:
    """Every policy by every kind it is for, every clause and condition both ways.

    Apart from that: a forbid that applies decides; what decides applies; and where one permit was named by a
    decision, it was counted for the kind of who asked.
    """
    world = World.load(POLICIES / name / "policy-engine.yaml")
    covered = Coverage(world)
    run = run_cases(world, load_scenarios(find_scenarios(POLICIES / name), world), observe=covered.observe)
    named: Counter[tuple[str, str]] = Counter()
    for decision in (result.decision for result in run.results):
        if decision is not None and isinstance(decision.principal, Principal):
            named.update((policy.id, kind_of(decision.principal)) for policy in decision.policies)

    assert [(str(short), short.lacking) for short in shortfalls(covered, ALL)] == []
    assert {
        (place.id, kind): number
        for place in covered.policies.values()
        for kind, number in place.decided.items()
    } == dict(named)
    for place in covered.policies.values():
        assert place.decided <= place.applied <= place.evaluated
        assert place.policy.effect == "permit" or place.decided == place.applied
