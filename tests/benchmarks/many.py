"""Several calls of one bearer at once, against as many calls of plain cedarpy."""

from collections.abc import Iterator

from tests.benchmarks.peers import Bare
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Way, in_turn
from tests.benchmarks.world import Json, World, each_once, message, policies, unlike

COUNTS = (10, 100)


def measure(pace: Pace = PACE) -> Iterator[Row]:
    """Hits and misses, at 300 policies."""
    world, text = World.new(), policies(300)
    engine, token, bare = world.engine(text), world.token(), Bare.of(text)
    one_hit, one_miss = each_once(message), each_once(unlike)
    for count in COUNTS:

        def hits(count: int = count) -> list[Json]:
            return [one_hit() for _ in range(count)]

        def misses(count: int = count) -> list[Json]:
            return [one_miss() for _ in range(count)]

        def each(messages: list[Json]) -> bool:
            return all(bare().allowed for _ in messages)

        assert all(decision.allowed for decision in engine.evaluate_many(token, hits()))
        ways = {
            "bare": Way(each, hits),
            "hits": Way(lambda messages: engine.evaluate_many(token, messages), hits),
            "misses": Way(lambda messages: engine.evaluate_many(token, messages), misses),
        }
        times = in_turn(ways, pace)
        for what in ("hits", "misses"):
            yield Row(
                part="many calls at once",
                policies=300,
                what=f"evaluate_many, {count} {what}",
                value=times.median(what) / count,
                unit="µs a call",
                peer=f"{count} calls of bare cedarpy",
                ratio=times.ratio(what, "bare"),
            )


if __name__ == "__main__":
    run(measure)
