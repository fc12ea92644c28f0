"""Mutants against cases: all of them, in this process or in several."""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from policy_engine.harness.cases import Case
from policy_engine.harness.mutation.bench import Bench, Trial
from policy_engine.harness.mutation.kept import KeptOutcomes
from policy_engine.harness.mutation.mutant import Mutant, mutants_of
from policy_engine.harness.mutation.operators import OPERATORS, Operator
from policy_engine.harness.mutation.report import Fate, MutationReport, Outcome
from policy_engine.harness.mutation.suggesting import Suggester
from policy_engine.harness.mutation.watching import watch
from policy_engine.harness.world import World

__all__ = ["Progress", "processors", "run_mutants"]

Progress = Callable[[Outcome, int, int], None]
"""Told of an outcome, how many there are by now, and of how many."""

_FEW = 64
"""To start processes takes as long as so many mutants."""


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What each process does."""

    bench: Bench
    suggester: Suggester | None
    trials: Sequence[Trial]

    def outcome(self, number: int) -> Outcome:
        trial = self.trials[number]
        outcome = self.bench.run(trial)
        if outcome.fate is not Fate.survived or self.suggester is None:
            return outcome
        return replace(outcome, suggestion=self.suggester.suggest(trial))


def run_mutants(
    world: World,
    cases: Iterable[Case],
    *,
    operators: Mapping[str, Operator] = OPERATORS,
    policies: Iterable[str] | None = None,
    jobs: int | None = None,
    cache: Path | None = None,
    suggest: bool = True,
    progress: Progress | None = None,
) -> MutationReport:
    """Put each mistake into the policies, one at a time, and see whether a case notices.

    Args:
        world: with the policies as they are.
        cases: all of which pass, or are skipped.
        operators: the kinds of mistakes.
        policies: ids of those that are mutated; all, if it isn't given.
        jobs: how many processes; as many as there are processors, if it isn't given.
        cache: the file in which outcomes are kept, by content.
        suggest: whether a call is looked for that would tell a survivor.
        progress: is told of each outcome, in no order.

    Raises:
        ConfigError: a case fails as it is.
        PolicyError: a policy can't be read.
    """
    started = perf_counter()
    watched = watch(world, cases)
    wanted = None if policies is None else frozenset(policies)
    written = [
        policy.written for name, policy in world.policies.policies.items() if wanted is None or name in wanted
    ]
    mutants = list(mutants_of(written, operators))
    kept = KeptOutcomes.read(cache, world, watched)
    found = _Found(len(mutants), progress)
    bench = Bench(world, watched)
    rest: list[tuple[int, Trial]] = []
    for number, outcome in _admitted(bench, mutants):
        if isinstance(outcome, Outcome):
            found.take(number, outcome)
        elif (known := kept.of(outcome.mutant, suggest=suggest)) is not None:
            found.take(number, known)
        else:
            rest.append((number, outcome))
    suggester = Suggester(world, watched, bench) if suggest else None
    for index, outcome in _outcomes(_Work(bench, suggester, [trial for _, trial in rest]), jobs):
        found.take(rest[index][0], outcome)
    kept.write(found.outcomes, looked=suggest)
    return MutationReport(outcomes=found.outcomes, cases=len(watched), seconds=perf_counter() - started)


class _Found:
    """Outcomes as they come.

    Args:
        number: how many there will be.
        progress: is told of each.
    """

    def __init__(self, number: int, progress: Progress | None) -> None:
        self._number = number
        self._progress = progress
        self._by_number: dict[int, Outcome] = {}

    def take(self, number: int, outcome: Outcome) -> None:
        """One of them."""
        self._by_number[number] = outcome
        if self._progress is not None:
            self._progress(outcome, len(self._by_number), self._number)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All, in the order of the mutants."""
        return tuple(self._by_number[number] for number in range(self._number))


def _admitted(bench: Bench, mutants: Sequence[Mutant]) -> Iterator[tuple[int, Trial | Outcome]]:
    """Those that load, once each; the others with why they don't count."""
    seen: dict[tuple[str, object], Mutant] = {}
    for number, mutant in enumerate(mutants):
        trial = bench.admit(mutant)
        if isinstance(trial, Trial):
            first = seen.setdefault((mutant.policy, trial.form), mutant)
            if first is not mutant:
                trial = Outcome(
                    mutant=mutant, fate=Fate.duplicate, by=first.id, why=f"the same as `{first.id}`"
                )
        yield number, trial


def _outcomes(work: _Work, jobs: int | None) -> Iterator[tuple[int, Outcome]]:
    count = len(work.trials)
    most = processors() if jobs is None else jobs
    if jobs is None and count < _FEW:
        most = 1
    if most <= 1 or count <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        for number in range(count):
            yield number, work.outcome(number)
        return
    yield from _apart(work, min(most, count))


def _apart(work: _Work, jobs: int) -> Iterator[tuple[int, Outcome]]:
    """In processes that begin as copies of this one: everything is made already."""
    global _work  # noqa: PLW0603 -- what a copy begins with can't be handed to it
    _work = work
    # A policy's mutants go to one process: what told one of them is tried first with the next.
    parts: dict[str, list[int]] = {}
    for number, trial in enumerate(work.trials):
        parts.setdefault(trial.mutant.policy, []).append(number)
    context = multiprocessing.get_context("fork")
    try:
        with warnings.catch_warnings(), ProcessPoolExecutor(jobs, mp_context=context) as pool:
            # Other threads may be there, and hold nothing that a copy needs.
            warnings.simplefilter("ignore", DeprecationWarning)
            waiting = [pool.submit(_of_part, part) for part in sorted(parts.values(), key=len, reverse=True)]
            for done in as_completed(waiting):
                for number, outcome in done.result():
                    yield number, replace(outcome, mutant=work.trials[number].mutant)
    finally:
        _work = None


_work: _Work | None = None


def _of_part(numbers: Sequence[int]) -> list[tuple[int, Outcome]]:
    if _work is None:
        raise RuntimeError("not a copy")
    return [(number, replace(_work.outcome(number), mutant=None)) for number in numbers]  # type: ignore[arg-type]  # put back by who asked


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
