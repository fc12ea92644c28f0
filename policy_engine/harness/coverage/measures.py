"""How much of the policies was exercised, in numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, Kind
from policy_engine.harness.coverage.places import Place

__all__ = ["Measure", "Measured", "measures_of", "told_measures"]

Measured = Literal["policy", "clause", "condition"]

_BY: Mapping[Kind, str] = MappingProxyType(
    {"User": "policies, by a User", "Client": "policies, by a Client", "delegated": "policies, by an agent"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """So many of so many.

    Attributes:
        says: what is counted.
        covered: how many were exercised.
        total: how many there are.
    """

    says: str
    covered: int
    total: int

    @property
    def percent(self) -> float:
        """To a tenth, cut, not rounded: what isn't all must not look like it; of nothing, all."""
        return 100.0 if not self.total else self.covered * 1000 // self.total / 10


def measures_of(coverage: Coverage) -> Mapping[Measured | Kind, Measure]:
    """How many policies decided, and outcomes of clauses and conditions were seen; then policies by kind.

    A clause has two outcomes, true and false, unless it can't come to one of them; likewise a condition. Of
    a kind, those policies count that could apply to it.
    """
    policies = tuple(coverage.policies.values())
    clauses = [clause for policy in policies for clause in policy.clauses]
    conditions = [place for clause in clauses for place in clause.conditions]
    decided = sum(bool(policy.exercised) for policy in policies)
    measures: dict[Measured | Kind, Measure] = {
        "policy": Measure(says="policies", covered=decided, total=len(policies)),
        "clause": _outcomes("clause outcomes", clauses),
        "condition": _outcomes("condition outcomes", conditions),
    }
    for kind in KINDS:
        able = [policy for policy in policies if kind in policy.kinds]
        covered = sum(policy.exercised[kind] > 0 for policy in able)
        measures[kind] = Measure(says=_BY[kind], covered=covered, total=len(able))
    return measures


def told_measures(coverage: Coverage) -> Mapping[Measured | Kind, Measure]:
    """Those of which there is anything to measure; that of policies in any case."""
    return {name: each for name, each in measures_of(coverage).items() if each.total or name == "policy"}


def _outcomes(says: str, places: Iterable[Place]) -> Measure:
    total = missing = 0
    for place in places:
        total += len(place.possible)
        missing += len(place.missing)
    return Measure(says=says, covered=total - missing, total=total)
