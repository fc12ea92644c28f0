"""Many cases, one after another, and what came of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

from policy_engine.harness.cases import Case, Result
from policy_engine.harness.running.deciding import decide
from policy_engine.harness.running.tracing import questions_of
from policy_engine.harness.world import World
from policy_engine.model import AuthorizationRequest, Decision

__all__ = ["Observe", "Progress", "Run", "run_cases"]

Progress = Callable[[Result], None]
"""Told of each result as it comes."""

Observe = Callable[[Case, Decision, tuple[AuthorizationRequest, ...]], None]
"""Told of each decision, with what the policies were asked for it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What came of cases.

    Attributes:
        results: in the order of the cases.
        seconds: what all of it took.
        stopped: whether it ended at the first failure, before the last case.
    """

    results: tuple[Result, ...]
    seconds: float
    stopped: bool = False

    @cached_property
    def failures(self) -> tuple[Result, ...]:
        """Results that are otherwise than expected."""
        return tuple(result for result in self.results if result.failures)

    @property
    def failed(self) -> int:
        """How many are otherwise than expected."""
        return len(self.failures)

    @cached_property
    def skipped(self) -> int:
        """How many weren't decided."""
        return sum(result.decision is None for result in self.results)

    @property
    def passed(self) -> int:
        """How many are as expected."""
        return len(self.results) - self.failed - self.skipped


def run_cases(
    world: World,
    cases: Iterable[Case],
    *,
    progress: Progress | None = None,
    fail_fast: bool = False,
    observe: Observe | None = None,
) -> Run:
    """Decide cases in their order, in this process.

    Args:
        world: the engine and its clock; a token that was seen is known again, so it is verified once.
        cases: what is asked.
        progress: is told of each result.
        fail_fast: end at the first failure.
        observe: is told of each decision, and of what the policies were asked; every case is then decided
            twice.
    """
    started = perf_counter()
    results: list[Result] = []
    stopped = False
    for case in cases:
        result = decide(world, case)
        results.append(result)
        if progress is not None:
            progress(result)
        if observe is not None and result.decision is not None:
            observe(case, result.decision, questions_of(world, case))
        if fail_fast and result.failures:
            stopped = True
            break
    return Run(results=tuple(results), seconds=perf_counter() - started, stopped=stopped)
