"""What is kept elsewhere, and read again once it is old; through a short outage the last reading serves."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from policy_engine.errors import PolicyEngineError, StorageError

__all__ = ["FRESHNESS", "MAX_STALE", "Renewed"]

T = TypeVar("T")

FRESHNESS = 1.0
"""Seconds for which a reading is taken without another look."""

MAX_STALE = 30.0
"""Seconds for which a reading serves where the store can't be asked."""


@dataclass(frozen=True, slots=True)
class _Reading(Generic[T]):
    value: T
    at: float


class Renewed(Generic[T]):
    """A value that is renewed when it is asked for; threads may share it.

    One thread reads; the others take what there is, as long as that isn't too old.

    Args:
        read: reads the value, given the last one; it raises a PolicyEngineError where it can't.
        now: the time, in seconds.
        freshness: seconds for which nothing is read again, nor tried again after a failure.
        max_stale: seconds after which the value counts no longer, whatever the reason.
    """

    __slots__ = ("_freshness", "_lock", "_max_stale", "_now", "_read", "_reading", "_tried")

    def __init__(
        self,
        read: Callable[[T | None], T],
        *,
        now: Callable[[], float],
        freshness: float = FRESHNESS,
        max_stale: float = MAX_STALE,
    ) -> None:
        self._read = read
        self._now = now
        self._freshness = freshness
        self._max_stale = max_stale
        self._lock = Lock()
        self._reading: _Reading[T] | None = None
        self._tried: float | None = None

    def get(self) -> T:
        """The value as it is now, or was a moment ago.

        Raises:
            PolicyEngineError: it can't be read, and the last reading is too old.
        """
        reading, now = self._reading, self._now()
        # A clock that was set back makes nothing fresh.
        if reading is not None and 0 <= now - reading.at < self._freshness:
            return reading.value
        usable = self._usable(now)
        if not self._lock.acquire(blocking=False):
            if usable is not None:
                return usable.value
            self._lock.acquire()
        try:
            return self._renew()
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read it anew the next time."""
        with self._lock:
            self._reading = self._tried = None

    def _renew(self) -> T:
        now = self._now()
        reading, usable = self._reading, self._usable(now)
        if usable is not None and now - usable.at < self._freshness:
            return usable.value
        if self._tried is not None and 0 <= now - self._tried < self._freshness:
            if usable is not None:
                return usable.value
            raise StorageError("the store couldn't be asked a moment ago")
        try:
            value = self._read(None if reading is None else reading.value)
        except PolicyEngineError:
            self._tried = self._now()
            usable = self._usable(self._tried)
            if usable is None:
                raise
            return usable.value
        self._reading, self._tried = _Reading(value, now), None
        return value

    def _usable(self, now: float) -> _Reading[T] | None:
        reading = self._reading
        return reading if reading is not None and 0 <= now - reading.at <= self._max_stale else None
