"""Formulas, put to the solver: several at a time, each once, and none of which the answer is known."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from policy_engine.review.questions.guessing import guessed
from policy_engine.review.solving import Answer, Query, Sat, Solver, Unknown, UnknownReason, Unsat
from policy_engine.review.symbolic import FALSE, TRUE, Term, conjunction, leaves

__all__ = ["Ask", "Asker", "Progress", "Told"]

Progress = Callable[[int, int, str], None]
"""Is told how many of how many steps of what are done."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """Whether there is a request of which a formula is true.

    Attributes:
        formula: what is true of it.
        axioms: gives what is true of all requests of its kind.
        label: what it is about, for those who read what is kept.
    """

    formula: Term
    axioms: Callable[[], Term]
    label: str

    @cached_property
    def wellformed(self) -> Term:
        """What is true of all requests of its kind."""
        return TRUE if self.formula is FALSE else self.axioms()

    @cached_property
    def whole(self) -> Term:
        """What is true of such a request."""
        return conjunction(self.formula, self.wellformed)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and whether it took a solver."""

    answer: Answer
    solved: bool


_NO_SOLVER = Unknown(UnknownReason.solver_missing, "the review was asked to do without a solver")


class Asker:
    """Asks a solver; to be closed, as a context manager closes it.

    Args:
        timeout: seconds that a question may take; None to do without a solver.
        workers: how many solvers work at once.
        keep: a folder for what was asked.
        progress: is told how far things are.
    """

    def __init__(
        self,
        *,
        timeout: float | None = 10.0,
        workers: int = 2,
        keep: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._solver = None if timeout is None else Solver(timeout=timeout, workers=workers, keep=keep)
        self._progress = progress
        self._known: dict[Term, Answer] = {}
        self._possible: dict[Term, Answer] = {}
        self._guessed: set[Term] = set()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all solvers."""
        if self._solver is not None:
            self._solver.close()

    def tell(self, done: int, total: int, what: str) -> None:
        """Say how far things are."""
        if self._progress is not None:
            self._progress(done, total, what)

    def all(self, asks: Sequence[Ask], what: str) -> Iterator[Told]:
        """The answers, in the order of the questions.

        Args:
            asks: the questions.
            what: what they are about, for those who watch.
        """
        new: dict[Term, Ask] = {}
        for ask in asks:
            if ask.whole is FALSE or ask.whole in self._known or ask.whole in new:
                continue
            guess = guessed(ask.whole)
            if guess is None:
                new[ask.whole] = ask
            else:
                self._known[ask.whole] = guess
                self._guessed.add(ask.whole)
        queries = (
            Query(assertions=(key,), ask=tuple(leaves(key)), label=ask.label) for key, ask in new.items()
        )
        answers = zip(new.values(), self._answers(queries), strict=True)
        for number, ask in enumerate(asks):
            while ask.whole is not FALSE and ask.whole not in self._known:
                told, answer = next(answers)
                self._known[told.whole] = self._checked(told, answer)
            self.tell(number + 1, len(asks), what)
            if ask.whole is FALSE:
                yield Told(Unsat(), solved=False)
            else:
                yield Told(self._known[ask.whole], solved=ask.whole not in self._guessed)

    def _checked(self, ask: Ask, answer: Answer) -> Answer:
        """The answer; but nothing is proved of requests that what is taken for granted rules out."""
        if self._solver is None or not isinstance(answer, Unsat) or ask.wellformed is TRUE:
            return answer
        if ask.wellformed not in self._possible:
            possible = self._solver.solve((ask.wellformed,), label=f"{ask.label}: is there any request?")
            self._possible[ask.wellformed] = possible
        possible = self._possible[ask.wellformed]
        if isinstance(possible, Unsat):
            return Unknown(UnknownReason.unsupported, "what holds of such requests contradicts itself")
        return answer if isinstance(possible, Sat) else possible

    def _answers(self, queries: Iterable[Query]) -> Iterator[Answer]:
        if self._solver is None:
            return (_NO_SOLVER for _ in queries)
        return self._solver.solve_all(queries)
