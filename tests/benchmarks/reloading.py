"""What callers notice of a reload: 30,000 policies are replaced while calls come, one a millisecond.

Calls come by the clock, whether or not the last one was answered, and each counts from the moment that it was
due: a pause is felt by all that come in it. Every policy is another one after a reload, so that a decision
shows which set it is of. What lives as long as the process is kept from Python's garbage collector, as the
page advises.
"""

import gc
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from statistics import quantiles

from policy_engine import Decision, PolicyEngine
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.world import CATALOGUE, RESOURCE, World, message, policies, unlike

PART = "reload under load"
SIZE = 30_000
QUIET, RELOADS = 15.0, 2
"""Seconds without a reload; how often it is loaded anew."""

EVERY = 0.001
"""Seconds between calls."""


def measure(size: int = SIZE, seconds: float = QUIET, reloads: int = RELOADS) -> Iterator[Row]:
    """Quiet, and while policies are replaced."""
    with tempfile.TemporaryDirectory() as name:
        world, place = World.new(), Path(name)
        write(place, world, size, "a")
        engine = PolicyEngine.from_config(place / "policy-engine.yaml")
        calls = Calls(engine, world.token())
        gc.freeze()
        until = time.monotonic() + seconds
        quiet = calls.come(lambda: time.monotonic() < until)
        loud: list[float] = []
        taken = []
        for prefix in ["b", "a"] * (-(-reloads // 2)):
            write(place, world, size, prefix)
            started = time.monotonic()
            loader = threading.Thread(target=engine.reload)
            loader.start()
            loud += calls.come(loader.is_alive)
            taken.append(time.monotonic() - started)
            loader.join()
            calls.come(iter([True] * 200 + [False]).__next__)
        gc.unfreeze()
        assert calls.mixed == 0
        assert len(calls.sets) == len(taken) + 1
    usual, during = (quantiles(times, n=100)[-1] * 1000 for times in (quiet, loud))
    rows = (
        Row(part=PART, what="a reload takes", value=sum(taken) / len(taken), unit="s"),
        Row(part=PART, what="p99 of calls, quiet", value=usual, unit="ms"),
        Row(
            part=PART,
            what="p99 of calls, during a reload",
            value=during,
            unit="ms",
            peer="p99, quiet",
            ratio=during / usual,
            at_most=2,
        ),
        Row(part=PART, what="longest pause", value=max(loud) * 1000, unit="ms", at_most=250),
        Row(part=PART, what="decisions by a mixed set", value=calls.mixed, unit="", at_most=0),
    )
    yield from (replace(row, policies=size) for row in rows)


@dataclass(slots=True)
class Calls:
    """Calls that come by the clock, every other one a miss.

    Attributes:
        sets: what was seen together in decisions: generation, digest, and the set that the policies are of.
        mixed: how many decisions were of a generation or digest that was seen with another set.
    """

    engine: PolicyEngine
    token: str
    sets: set[tuple[int, str | None, str]] = field(default_factory=set)
    mixed: int = 0
    _numbers: "count[int]" = field(default_factory=count)

    def come(self, more: Callable[[], bool]) -> list[float]:
        """Seconds from when each call was due until it was answered."""
        times = []
        due = time.perf_counter()
        while more():
            due += EVERY
            early = due - time.perf_counter()
            if early > 0:
                time.sleep(early)
            n = next(self._numbers)
            decision = self.engine.evaluate(self.token, unlike(n) if n % 2 else message(n))
            times.append(time.perf_counter() - due)
            self._look_at(decision)
        return times

    def _look_at(self, decision: Decision) -> None:
        assert decision.allowed
        own = (decision.generation, decision.policy_digest, decision.policies[0].id[0])
        if own not in self.sets:
            self.mixed += any(own[0] == generation for generation, _, _ in self.sets)
            self.sets.add(own)


def write(place: Path, world: World, size: int, prefix: str) -> None:
    """A project of one set of policies."""
    (place / "all.cedar").write_text(policies(size, f"{prefix}-"))
    values = {
        "version": 1,
        "servers": {"github": {"resource": RESOURCE, "catalogue": CATALOGUE}},
        "issuers": world.issuers(),
        "policies": ["all.cedar"],
    }
    (place / "policy-engine.yaml").write_text(json.dumps(values))


if __name__ == "__main__":
    run(measure)
