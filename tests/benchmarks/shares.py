"""Where the time of a decision goes, and what can't be less.

A clock interrupts the decisions a few thousand times, and each time it is noted in which package the program
is: the innermost frame of ours, or cedarpy's. So nothing is slowed down by being measured. The floor is what
the parts cost that any such engine needs: a call of cedarpy with next to nothing to decide, the reading of
the message, and the token's signature.
"""

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import cedarpy

import policy_engine
from tests.benchmarks.peers import Bare, decoder
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Way, in_turn
from tests.benchmarks.world import World, each_once, message, policies, unlike

SECONDS, EVERY = 4.0, 0.0007
OURS, CEDARPY = Path(policy_engine.__file__).parent, Path(cedarpy.__file__).parent
LEAST = 0.01
"""Shares that are smaller are left out."""


def measure(seconds: float = SECONDS, pace: Pace = PACE) -> Iterator[Row]:
    """Shares of a hit, of a miss and of a new token; and the floor."""
    world = World.new()
    engine, token = world.engine(policies(300)), world.token()
    fresh = each_once(lambda n: world.token(f"t{n}"))
    ways: dict[str, Way] = {
        "hit": Way(lambda asked: engine.evaluate(token, asked), each_once(message)),
        "miss": Way(lambda asked: engine.evaluate(token, asked), each_once(unlike)),
        "hit, token never seen": Way(lambda new: engine.evaluate(new, message()), fresh, 20),
    }
    times = in_turn(ways, pace)
    for what, way in ways.items():
        whole = times.median(what)
        for package, share in shares(way, seconds):
            yield Row(
                part="where the time goes",
                what=f"evaluate, {what}: {package}",
                value=share * whole,
                unit="µs",
                peer="the whole call",
                ratio=share,
            )
    yield from floor(world, pace)


def shares(way: Way, seconds: float) -> Iterator[tuple[str, float]]:
    """By package, which part of the time is spent in it; the largest first."""
    found: Counter[str] = Counter()
    until = time.monotonic() + seconds

    def look(_: int, frame: FrameType | None) -> None:
        package = package_of(frame)
        if package is not None:
            found[package] += 1
        if looking:  # set anew each time: a look that takes longer than the pause must not be looked at
            signal.setitimer(signal.ITIMER_REAL, EVERY)

    looking = False
    before = signal.signal(signal.SIGALRM, look)
    try:
        while time.monotonic() < until or not found:
            items = [way.new() for _ in range(way.calls or 200)]
            looking = True
            signal.setitimer(signal.ITIMER_REAL, EVERY)
            for item in items:
                way.call(item)
            looking = False
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        looking = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    for package, number in found.most_common():
        if number >= LEAST * found.total():
            yield package, number / found.total()


def package_of(frame: FrameType | None) -> str | None:
    """The package that is running: cedarpy, or the innermost of ours; None for the benchmark's own code."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(CEDARPY):
            return "cedarpy"
        if path.is_relative_to(OURS):
            return path.relative_to(OURS).parts[0].removesuffix(".py")
        frame = frame.f_back
    return None


def floor(world: World, pace: Pace) -> Iterator[Row]:
    """What the least costs, beside bare cedarpy deciding the request that all are measured with."""
    handle, nobody = (
        cedarpy.PolicySet.from_str("permit (principal, action, resource);"),
        {"type": "A", "id": "a"},
    )
    request: dict[str, Any] = dict.fromkeys(("principal", "action", "resource"), nobody) | {"context": "{}"}
    entities, body, bare = (
        cedarpy.Entities.from_json_str("[]"),
        json.dumps(message()).encode(),
        "bare cedarpy",
    )
    token, decode = world.token(), decoder(world, "ES256")
    calls: dict[str, Callable[[], object]] = {
        bare: Bare.of(policies(3)),
        "cedarpy: one policy, no entities, an empty context": lambda: cedarpy.is_authorized(
            request, handle, entities
        ),
        "json.loads of the message": lambda: json.loads(body),
        "jwt.decode, ES256": lambda: decode(token),
    }
    times = in_turn({what: Way.plain(call) for what, call in calls.items()}, pace)
    for what in [*calls][1:]:
        yield Row(
            part="the floor",
            what=what,
            value=times.median(what),
            unit="µs",
            peer=bare,
            ratio=times.ratio(what, bare),
        )


if __name__ == "__main__":
    run(measure)
