"""Counting in the memory of one process.

A bucket is known by when it will be empty: each event puts in what takes `cost / rate` seconds to leak, and
it is full where that would take longer than `burst / rate` (the generic cell rate algorithm, ITU-T I.371).
"""

from collections.abc import Hashable
from threading import Lock
from typing import Final

from policy_engine.authserver.limits.limiter import Rate, RateLimits, bucket_of_client

__all__ = ["MemoryRateLimiter"]

_CAPACITY: Final = 100_000


class MemoryRateLimiter:
    """Counts for one process.

    Args:
        limits: what is allowed.
        capacity: buckets that aren't empty at most; where there are more, the emptier half is forgotten.
    """

    __slots__ = ("_clients", "_failure_cost", "_sources")

    def __init__(self, limits: RateLimits | None = None, *, capacity: int = _CAPACITY) -> None:
        limits = RateLimits() if limits is None else limits
        self._sources = _Buckets(limits.source, limits.failure_cost, capacity)
        self._clients = _Buckets(limits.client, limits.failure_cost, capacity)
        self._failure_cost = limits.failure_cost - 1

    def arrived(self, source: str, now: float) -> float:
        """Count a request of a source; see `RateLimiter`."""
        return self._sources.put(source, now)

    def named(self, source: str, client_id: str, now: float) -> float:
        """Count a request of a client from a source."""
        return self._clients.put(bucket_of_client(source, client_id), now)

    def failed(self, source: str, client_id: str | None, now: float) -> None:
        """Count a failure as further requests, whether or not there is room for them."""
        self._sources.force(source, self._failure_cost, now)
        if client_id is not None:
            self._clients.force(bucket_of_client(source, client_id), self._failure_cost, now)


class _Buckets:
    """Buckets of one rate, by name."""

    __slots__ = ("_capacity", "_empty_at", "_full", "_leak", "_lock", "_most")

    def __init__(self, rate: Rate, failure_cost: float, capacity: int) -> None:
        self._leak = 1 / rate.per_second
        self._full = rate.burst / rate.per_second
        self._most = self._full + max(rate.burst, failure_cost) / rate.per_second
        self._capacity = capacity
        self._empty_at: dict[Hashable, float] = {}
        self._lock = Lock()

    def put(self, name: Hashable, now: float) -> float:
        """Put one in, if there is room; else say in how many seconds there will be."""
        with self._lock:
            level = self._level(name, now)
            empty_at = level + self._leak
            if empty_at > now + self._full:
                self._empty_at[name] = level
                return empty_at - now - self._full
            self._set(name, empty_at, now)
            return 0.0

    def force(self, name: Hashable, cost: float, now: float) -> None:
        """Put some in, even where it runs over: otherwise a bucket that is full would make failing cheap."""
        with self._lock:
            self._set(name, self._level(name, now) + cost * self._leak, now)

    def _level(self, name: Hashable, now: float) -> float:
        """When it will be empty; bounded, so that a clock that is set back shuts nobody out for long."""
        return min(max(self._empty_at.get(name, now), now), now + self._most)

    def _set(self, name: Hashable, empty_at: float, now: float) -> None:
        if len(self._empty_at) >= self._capacity and name not in self._empty_at:
            self._make_room(now)
        self._empty_at[name] = empty_at

    def _make_room(self, now: float) -> None:
        """Forget what is empty; if that isn't enough, what is nearest to it."""
        kept = {name: empty_at for name, empty_at in self._empty_at.items() if empty_at > now}
        if len(kept) > self._capacity // 2:
            fullest = sorted(kept.items(), key=lambda item: item[1], reverse=True)
            kept = dict(fullest[: self._capacity // 2])
        self._empty_at = kept
