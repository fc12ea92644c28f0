"""What memory is left after a million tokens and requests, each another one: `make bench-memory`.

The engine may remember a million tokens, so that only the bound by bytes keeps it from growing.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from itertools import chain
from multiprocessing.queues import SimpleQueue

from tests.benchmarks.running import resident, run
from tests.benchmarks.table import Row
from tests.benchmarks.world import MACHINES, World, policies, unlike

COUNT, CHUNK = 1_000_000, 100
MEGABYTES = 128
FIRST = 1_000
"""How many are decided on before the memory is looked at."""


def measure(number: int = COUNT) -> Iterator[Row]:
    """Decide, and look at the memory ten times."""
    world = World.new("EdDSA")
    tokens = signed_elsewhere(world, number + FIRST)
    engine = world.engine(policies(300), reuse={"tokens": 1_000_000, "megabytes": MEGABYTES})
    before = most = resident()
    for n, token in enumerate(tokens, start=1):
        assert engine.evaluate(token, unlike(n)).code in {"allowed", "no_permit"}
        if n == FIRST:
            before = most = resident()
        elif n % max(1, number // 10) == 0:
            most = max(most, resident())
            print(f"{n:>9,}: {resident() - before:,.0f} MB more", file=sys.stderr, flush=True)
    yield Row(
        part="memory",
        what=f"growth by {number:,} tokens and requests, of {MEGABYTES} MB allowed",
        value=max(most, resident()) - before,
        unit="MB",
        at_most=MEGABYTES,
    )


def signed_elsewhere(world: World, number: int) -> Iterator[str]:
    """Tokens of all machines, each with an id of its own, signed by another process no faster than needed."""
    fork = multiprocessing.get_context("fork")
    queue: SimpleQueue[list[str]] = fork.SimpleQueue()
    signer = fork.Process(target=sign_into, args=(queue, world, number), daemon=True)
    signer.start()
    return chain.from_iterable(iter(queue.get, []))


def sign_into(queue: "SimpleQueue[list[str]]", world: World, number: int) -> None:
    """Sign tokens, some at a time; an empty list is the end. A full pipe makes this wait."""
    for first in range(0, number, CHUNK):
        numbers = range(first, min(number, first + CHUNK))
        queue.put([world.token(f"t{n}", f"ci-{n % MACHINES}", "EdDSA") for n in numbers])
    queue.put([])


if __name__ == "__main__":
    run(measure)
