"""How often decisions were what, and how long they took."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from policy_engine.audit.reading.records import Recorded

__all__ = ["Statistics"]


@dataclass(slots=True)
class Statistics:
    """Counts of decisions.

    Attributes:
        total: how many there were.
        decisions: by `allow` and `deny`.
        codes: by code.
        kinds: by `User`, `Client` and `unknown`.
        principals: by who asked.
        tools: by tool, or server and method.
        policies: by the ids of the policies that decided.
        latencies: by microseconds.
        first: the earliest, in seconds since the epoch; None if there is none.
        last: the latest.
    """

    total: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    principals: Counter[str] = field(default_factory=Counter)
    tools: Counter[str] = field(default_factory=Counter)
    policies: Counter[str] = field(default_factory=Counter)
    latencies: Counter[int] = field(default_factory=Counter)
    first: float | None = None
    last: float | None = None

    @classmethod
    def of(cls, records: Iterable[Recorded]) -> "Statistics":
        """Count records."""
        counts = cls()
        for record in records:
            counts._count(record)
        return counts

    def _count(self, record: Recorded) -> None:
        self.total += 1
        self.decisions[record.text("decision")] += 1
        self.codes[record.text("code")] += 1
        self.kinds[record.kind] += 1
        self.principals[record.principal or "unknown"] += 1
        self.tools[record.tool or "unknown"] += 1
        self.policies.update(record.policies)
        took = record.json.get("latency_us")
        if isinstance(took, int):
            self.latencies[took] += 1
        self.first = record.time if self.first is None else min(self.first, record.time)
        self.last = record.time if self.last is None else max(self.last, record.time)

    def latency(self, share: float) -> int | None:
        """What so large a share of decisions took at most, in microseconds; None if there is none."""
        left = share * self.latencies.total()
        for took, count in sorted(self.latencies.items()):
            left -= count
            if left <= 0:
                return took
        return None
