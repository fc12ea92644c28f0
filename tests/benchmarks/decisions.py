"""What one decision costs at 3, 300, 3,000 and 30,000 policies, and what the set takes in memory.

`authorize` is handed a principal, as cedarpy is; `evaluate` verifies a token and finds the principal first.
A *hit* asks what was asked before as far as policies read: its id, title and number are new at each call. A
*miss* names another repository, which policies do read, so Cedar decides. A *cold slice* is the first call of
a machine and a tool for which policies are put together.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import cedarpy

from policy_engine import PolicyEngine
from policy_engine.audit import AuditTrail, FileSink
from tests.benchmarks.cedarling import cedarling, decider
from tests.benchmarks.peers import Bare, from_text, schema_of
from tests.benchmarks.running import growth, in_child, in_fork, run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Times, Way, in_turn
from tests.benchmarks.world import (
    FACTS,
    SIZES,
    TOOLS,
    World,
    each_once,
    machine,
    message,
    policies,
    unlike,
)

BARE, TEXT, CEDARLING = "bare cedarpy", "cedarpy from text", "Cedarling"
HIT, MISS, WHOLE = "evaluate, hit", "authorize, miss", "evaluate, miss"
SMALL = "authorize, miss, of 3 policies"
FASTER = {3: 1 / 5, 300: 1 / 40}
"""At how many policies `evaluate` is to take which part of what Cedarling takes."""

SLICES = 200
"""How many cold ones are measured, if there are as many."""

LARGE = 3_000
"""From how many policies on memory and loading are told."""


def measure(*sizes: int) -> list[Row]:
    """One size in this process; several, or all, in a process each."""
    if len(sizes) == 1:
        return [*of_size(*sizes)]
    return [row for size in sizes or SIZES for row in in_child(__file__, size)]


def of_size(size: int, pace: Pace = PACE) -> Iterator[Row]:
    """Everything at one number of policies."""
    world, text = World.new(), policies(size)
    plain = in_fork(lambda: plainly(text))
    started = time.process_time()
    megabytes, engine = growth(lambda: world.engine(text))
    seconds = time.process_time() - started
    yield from decided(size, world, engine, text, pace)
    yield from cold(size, engine)
    if size < LARGE:
        return  # what every engine takes would hide what policies do
    yield Row(
        part="memory",
        policies=size,
        what="the policies, ready to decide",
        value=megabytes,
        unit="MB",
        peer="cedarpy.PolicySet",
        ratio=megabytes / plain["megabytes"],
        at_most=1.5 if size == SIZES[-1] else None,
    )
    yield Row(
        part="loading",
        policies=size,
        what=f"policies on {len(TOOLS)} tools",
        value=seconds / size * 1000,
        unit="ms a policy",
        peer="cedarpy: parse, and validate",
        ratio=seconds / plain["seconds"],
    )


def plainly(text: str) -> dict[str, float]:
    """What cedarpy itself takes to parse policies, and to say whether they are valid."""
    schema = json.dumps(schema_of())
    started = time.process_time()
    megabytes, _ = growth(lambda: cedarpy.PolicySet.from_str(text))
    assert cedarpy.validate_policies(text, schema).validation_passed
    return {"megabytes": megabytes, "seconds": time.process_time() - started}


def decided(size: int, world: World, engine: PolicyEngine, text: str, pace: Pace) -> Iterator[Row]:
    """Ways to decide, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        ways = all_ways(world, engine, text, size)
        if size == SIZES[0]:
            ways |= other_hits(world, text, Path(folder))
        times = in_turn(ways, pace)
    yield row(size, times, BARE, line=BARE)
    yield row(size, times, TEXT, BARE, line=TEXT)
    yield row(size, times, MISS, BARE, at_most=0.7 if size == SIZES[0] else None, line="miss")
    if SMALL in ways:
        yield row(size, times, MISS, SMALL, at_most=1.2)
    yield row(size, times, WHOLE, BARE)
    yield row(size, times, HIT, BARE, at_most=0.1, line="hit")
    yield from (row(size, times, what, BARE) for what in ways if what.startswith(f"{HIT}, "))
    if CEDARLING in ways:
        yield row(size, times, CEDARLING, BARE, line=CEDARLING)
        yield row(size, times, HIT, CEDARLING, at_most=FASTER.get(size))


def row(
    size: int,
    times: Times,
    what: str,
    peer: str | None = None,
    *,
    at_most: float | None = None,
    line: str | None = None,
) -> Row:
    """One way, beside a peer."""
    return Row(
        part="decisions",
        policies=size,
        what=what,
        value=times.median(what),
        unit="µs",
        peer=peer,
        ratio=None if peer is None else times.ratio(what, peer),
        at_most=at_most,
        line=line,
    )


def all_ways(world: World, engine: PolicyEngine, text: str, size: int) -> dict[str, Way]:
    """Ours and the peers', each asked once beforehand, and each found to allow."""
    token, bare, plain = world.token(), Bare.of(text), from_text(text)
    assert bare().allowed
    assert plain().allowed
    ways = {BARE: Way.plain(bare), TEXT: Way.plain(plain)}
    ways[MISS] = missing(engine)
    if size > SIZES[0]:
        ways[SMALL] = missing(world.engine(policies(SIZES[0])))
    assert engine.evaluate(token, message()).allowed
    ways[WHOLE] = Way(lambda asked: engine.evaluate(token, asked), each_once(lambda n: unlike(-n)))
    ways[HIT] = Way(lambda asked: engine.evaluate(token, asked), each_once(message))
    library = cedarling()
    if library is not None:
        theirs = decider(library, world, size, token)
        assert theirs()
        ways[CEDARLING] = Way.plain(theirs)
    return ways


def missing(engine: PolicyEngine) -> Way:
    """A question that wasn't asked before, at each call."""
    caller = machine()
    assert engine.authorize(caller, message(), token=FACTS).allowed
    return Way(lambda asked: engine.authorize(caller, asked, token=FACTS), each_once(unlike))


def other_hits(world: World, text: str, folder: Path) -> dict[str, Way]:
    """The same call as it comes, with a record of it, and with nothing reused."""
    token, compact = world.token(), (",", ":")
    engines = {
        "plain": world.engine(text),
        "file": world.engine(text, audit=AuditTrail(sink=FileSink(folder / "audit.jsonl"))),
        "off": world.engine(text, reuse={"answers": False}),
    }

    def way(engine: str, make: Callable[[int], Any]) -> Way:
        decide = engines[engine].evaluate
        assert decide(token, make(0)).allowed
        return Way(lambda asked: decide(token, asked), each_once(make))

    return {
        f"{HIT}, compact bytes": way("plain", lambda n: json.dumps(message(n), separators=compact).encode()),
        f"{HIT}, bytes with spaces": way("plain", lambda n: json.dumps(message(n)).encode()),
        f"{HIT}, file audit sink": way("file", message),
        f"{HIT}, reuse of answers off": way("off", message),
    }


def cold(size: int, engine: PolicyEngine) -> Iterator[Row]:
    """The first call of machines that have a policy of their own, each once."""
    own = [n for n in range(1, size - 2) if n % 10 < 7]
    times = []
    for n in own[:: max(1, len(own) // SLICES)]:
        caller, asked = machine(n), message(name=TOOLS[n % len(TOOLS)])
        started = time.process_time()
        decision = engine.authorize(caller, asked, token=FACTS)
        times.append((time.process_time() - started) * 1e6)
        assert decision.allowed
    if len(times) >= 20:
        for what, value in (("median", median(times)), ("p95", quantiles(times, n=20)[-1])):
            yield Row(
                part="decisions",
                policies=size,
                what=f"authorize, cold slice, {what}",
                value=value,
                unit="µs",
                at_most=1000.0 if what == "median" else None,
            )


if __name__ == "__main__":
    run(measure)
