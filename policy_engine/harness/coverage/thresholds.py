"""How much has to be exercised, and what falls short of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, SAID, Kind
from policy_engine.harness.coverage.measures import Measure, Measured, measures_of
from policy_engine.harness.coverage.places import Place, PolicyPlace

__all__ = ["Shortfall", "Thresholds", "shortfalls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Per cent of each measure; of what isn't named, nothing is asked.

    Attributes:
        least: by measure: `policy`, `clause`, `condition`, or a kind.
    """

    least: Mapping[Measured | Kind, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A measure that is too low.

    Attributes:
        name: which.
        measure: what it is.
        least: what it should be.
        lacking: a sentence on each policy that lacks something.
    """

    name: Measured | Kind
    measure: Measure
    least: float
    lacking: tuple[str, ...]

    def __str__(self) -> str:
        """In one line."""
        measure = self.measure
        told = f"{measure.percent:g} % of {measure.says} ({measure.covered} of {measure.total})"
        return f"{told}, and {self.least:g} % are wanted"


def shortfalls(coverage: Coverage, thresholds: Thresholds) -> tuple[Shortfall, ...]:
    """What falls short, in the order of the measures."""
    measures = measures_of(coverage)
    return tuple(
        Shortfall(
            name=name,
            measure=measure,
            least=thresholds.least[name],
            lacking=tuple(_lacking(name, coverage.policies.values())),
        )
        for name, measure in measures.items()
        if measure.percent < thresholds.least.get(name, 0.0)
    )


def _lacking(name: Measured | Kind, policies: Iterable[PolicyPlace]) -> Iterator[str]:
    for place in policies:
        what = f"this {place.policy.effect}"
        if name in KINDS:
            if name in place.unexercised_kinds:
                yield f"`{place.id}`: {what} was never exercised by {SAID[name]}"
        elif name == "policy":
            if not place.exercised:
                yield f"`{place.id}`: {what} was never exercised"
        else:
            places: Iterable[Place] = place.clauses
            if name == "condition":
                places = [part for clause in place.clauses for part in clause.conditions]
            if number := sum(len(each.missing) for each in places):
                outcomes = f"{name} outcome" if number == 1 else f"{name} outcomes"
                yield f"`{place.id}`: {number} {outcomes} never seen"
