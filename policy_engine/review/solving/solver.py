"""Asks solvers in processes of their own, several at a time, each question by itself."""

import json
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from policy_engine.review.solving.alphabet import Alphabet, AlphabetError, texts_of
from policy_engine.review.solving.answers import Answer, Query, Sat, Unknown, UnknownReason, Unsat
from policy_engine.review.solving.process import PROGRAM, Process
from policy_engine.review.solving.smtlib import asked_name, parts, text
from policy_engine.review.solving.values import read_values
from policy_engine.review.symbolic import FALSE, TRUE, Term

__all__ = ["Solver"]

_MEMORY = 4 * 1024**3
_AHEAD = 2
"""How many questions are prepared for each worker before the first of them has its answer."""


class Solver:
    """Answers whether formulas can be true; to be closed, as a context manager closes it.

    A question has a fresh solver: keeping one for several is known to be slower for formulas such as ours
    (https://github.com/cvc5/cvc5/issues/11319).

    Args:
        timeout: seconds of the wall clock that a question may take.
        workers: how many questions are answered at a time; by default, two, or one where there is one core.
        memory: bytes that each worker may take.
        keep: a folder for what is asked, a file each with its answer in the name, which any solver of
            SMT-LIB with cvc5's sets can read; made if it isn't there.
        program: what answers.
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        workers: int | None = None,
        memory: int = _MEMORY,
        keep: Path | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._timeout = timeout
        self._keep = keep
        self._numbers = count(1)
        self._count = workers or min(2, os.cpu_count() or 1)
        self._all = [Process(memory=memory, program=program) for _ in range(self._count)]
        self._idle: SimpleQueue[Process] = SimpleQueue()
        for process in self._all:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="solver")

    def solve(self, assertions: Sequence[Term], ask: Sequence[Term] = (), *, label: str = "") -> Answer:
        """Answer whether all assertions can hold at once, and in which values of the terms asked for."""
        return self._begin(Query(assertions=assertions, ask=ask, label=label)).result()

    def solve_all(self, queries: Iterable[Query]) -> Iterator[Answer]:
        """Answer questions in their order, several at a time; they are taken one by one."""
        begun: deque[Future[Answer]] = deque()
        for query in queries:
            begun.append(self._begin(query))
            if len(begun) > _AHEAD * self._count:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def close(self) -> None:
        """End all workers; what isn't answered yet never is."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.close()
        self._threads.shutdown()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all workers."""
        self.close()

    def _begin(self, query: Query) -> Future[Answer]:
        number = next(self._numbers)
        if FALSE in query.assertions:
            return _known(Unsat())
        assertions = [each for each in query.assertions if each is not TRUE]
        if not assertions and not query.ask:
            return _known(Sat({}))
        try:
            alphabet = Alphabet(texts_of(parts(*assertions, *query.ask)))
        except AlphabetError as error:
            return _known(Unknown(UnknownReason.alphabet, str(error)))
        script = text(assertions, query.ask)
        return self._threads.submit(self._answer, number, query, script, alphabet)

    def _answer(self, number: int, query: Query, script: str, alphabet: Alphabet) -> Answer:
        process = self._idle.get()
        try:
            told = process.ask(script, [asked_name(place) for place in range(len(query.ask))], self._timeout)
        finally:
            self._idle.put(process)
        answer = told if isinstance(told, Unknown) else _read(told, query.ask, alphabet)
        if self._keep is not None:
            _write(self._keep, number, query.label, script, answer)
        return answer


def _known(answer: Answer) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(answer)
    return future


def _read(told: dict[str, Any], ask: Sequence[Term], alphabet: Alphabet) -> Answer:
    match told.get("result"):
        case "unsat":
            return Unsat()
        case "sat":
            try:
                return Sat(read_values(told.get("values"), ask, alphabet))
            except AlphabetError as error:
                return Unknown(UnknownReason.alphabet, str(error))
            except ValueError as error:
                return Unknown(UnknownReason.solver_crashed, f"the solver told a model that is none: {error}")
        case "unknown":
            return Unknown(UnknownReason.solver_unknown, str(told.get("why")))
        case "error":
            return Unknown(UnknownReason.solver_crashed, str(told.get("why")))
        case _:
            return Unknown(UnknownReason.solver_crashed, "the solver answered what isn't an answer")


def _write(folder: Path, number: int, label: str, script: str, answer: Answer) -> None:
    verdict = str(answer.reason) if isinstance(answer, Unknown) else type(answer).__name__.lower()
    folder.mkdir(parents=True, exist_ok=True)
    about = f"; {json.dumps(label)}\n" if label else ""
    (folder / f"{number:05}-{verdict}.smt2").write_text(about + script, encoding="utf-8")
