"""Decisions a second with several processes, and with several threads of one process.

Processes are forked when everything is loaded, as servers with worker processes do it. cedarpy holds Python's
lock while it decides, so threads share one processor.
"""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from policy_engine import PolicyEngine
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.world import Json, World, message, policies, unlike

ROUNDS, SECONDS, CALLS = 3, 1.0, 50
KINDS: dict[str, Callable[[int], Json]] = {"hits": message, "misses": unlike}


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> Iterator[Row]:
    """Two processes beside one, and threads beside one."""
    world = World.new()
    engine, token = world.engine(policies(300)), world.token()
    assert engine.evaluate(token, message()).allowed
    for kind in KINDS:
        for unit, counts, start in (("process", (1, 2), in_processes), ("thread", (1, 2, 4), in_threads)):
            rates: dict[int, list[float]] = {count: [] for count in counts}
            for _ in range(rounds):
                for count in counts:
                    rates[count].append(start(count, Work(engine, token, kind, seconds)))
            for count in counts:
                ratios = [many / one for many, one in zip(rates[count], rates[1], strict=True)]
                yield Row(
                    part="several at once",
                    policies=300,
                    what=f"{kind}, {count} {unit}{'' if count == 1 else 'es' if unit == 'process' else 's'}",
                    value=median(rates[count]),
                    unit="decisions a second",
                    peer=None if count == 1 else f"1 {unit}",
                    ratio=None if count == 1 else median(ratios),
                )


@dataclass(frozen=True, slots=True)
class Work:
    """What one process or thread does.

    Attributes:
        kind: of `KINDS`.
    """

    engine: PolicyEngine
    token: str
    kind: str
    seconds: float

    def decide(self, begin: Callable[[], object], answer: Callable[[float], object], number: int) -> None:
        """Decide for as long, and tell how often a second."""
        start = time.monotonic_ns() * 8 + number
        asked = [KINDS[self.kind](start + n) for n in range(CALLS)]
        begin()
        started, decided = time.perf_counter(), 0
        while (taken := time.perf_counter() - started) < self.seconds:
            for each in asked:
                if self.kind == "misses":  # no name twice
                    each["params"]["arguments"]["repo"] = f"acme/app-{start}-{decided}"
                self.engine.evaluate(self.token, each)
                decided += 1
        answer(decided / taken)


def in_processes(count: int, work: Work) -> float:
    """Decisions a second of processes that begin together."""
    fork = multiprocessing.get_context("fork")
    begin, answers = fork.Barrier(count), fork.SimpleQueue()
    workers = [
        fork.Process(target=work.decide, args=(begin.wait, answers.put, number)) for number in range(count)
    ]
    for worker in workers:
        worker.start()
    rates: list[float] = [answers.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sum(rates)


def in_threads(count: int, work: Work) -> float:
    """Decisions a second of threads that begin together."""
    begin, rates = threading.Barrier(count), list[float]()
    workers = [
        threading.Thread(target=work.decide, args=(begin.wait, rates.append, number))
        for number in range(count)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(rates)


if __name__ == "__main__":
    run(measure)
