"""Several ways to do one thing, timed in turn, so that what slows the machine down hits all alike.

Time is the processor's, of all threads of this process: what other programs take doesn't count.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

__all__ = ["PACE", "Pace", "Times", "Way", "in_turn", "microseconds"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure.

    Attributes:
        rounds: how often each way has its turn.
        seconds: what a turn takes, about.
        longest: seconds after which a way that is slow sits out the rounds that are left.
    """

    rounds: int = 51
    seconds: float = 0.006
    longest: float = 4.0


PACE = Pace()
"""What `make bench` measures with: on a busy machine many short turns tell more than a few long ones."""

_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do it.

    Attributes:
        call: does it, with what `new` gave.
        new: gives what one call takes, outside of the time that is measured.
        calls: calls a turn; as many as fill it, if not given.
    """

    call: Callable[[Any], object]
    new: Callable[[], Any] = field(default=lambda: None)
    calls: int | None = None

    @classmethod
    def plain(cls, call: Callable[[], object]) -> "Way":
        """One that takes nothing."""
        return cls(lambda _: call())


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds a call, of each way and round."""

    of: Mapping[str, list[float]]

    def median(self, way: str) -> float:
        """Microseconds a call."""
        return median(self.of[way])

    def ratio(self, way: str, peer: str) -> float:
        """The median of the ratios of the rounds in which both had their turn."""
        both = zip(self.of[way], self.of[peer], strict=False)
        return median(own / other for own, other in both)


def in_turn(ways: Mapping[str, Way], pace: Pace = PACE) -> Times:
    """Time each way in turn within every round."""
    calls = {name: way.calls or _calls(way, pace.seconds) for name, way in ways.items()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    spent = dict.fromkeys(ways, 0.0)
    for number in range(pace.rounds):
        for name, way in ways.items():
            if spent[name] > pace.longest and number:
                continue
            each = microseconds(way, calls[name])
            times[name].append(each)
            spent[name] += each * calls[name] / 1e6
    return Times(times)


def microseconds(way: Way, calls: int) -> float:
    """Microseconds a call, of some calls in a row; waiting isn't counted, and nothing here waits."""
    call, items = way.call, [way.new() for _ in range(calls)]
    started = time.process_time()
    for item in items:
        call(item)
    return (time.process_time() - started) / calls * 1e6


def _calls(way: Way, seconds: float) -> int:
    """As many as take that long; the first ones also make ready what is made once."""
    calls = 1
    while True:
        taken = microseconds(way, calls) * calls / 1e6
        if taken * 4 >= seconds or calls >= _MOST:
            return max(1, min(_MOST, round(calls * seconds / taken)))
        calls *= 4
