"""What is worked out once and kept for later calls, within a bound: by number, and by bytes.

Two halves, a young and an old one: what is asked for again moves to the young half; when that is full, it
becomes the old one, and what nobody asked for meanwhile is forgotten. So a look costs one or two lookups and
no lock, and what is used stays.
"""

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The values used last; many threads and an event loop may share one.

    Args:
        most: values to keep at most; fewer than two keep none.
        most_bytes: what they may take together at most, by the sizes that `keep` is told.
    """

    __slots__ = ("_bytes", "_half", "_half_bytes", "_lock", "_old", "_young")

    def __init__(self, most: int, most_bytes: int) -> None:
        self._half = most // 2
        self._half_bytes = most_bytes // 2
        self._young: dict[K, tuple[V, int]] = {}
        self._old: dict[K, tuple[V, int]] = {}
        self._bytes = 0  # of the young half
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """What was kept under a key; None if nothing was, or it was forgotten."""
        found = self._young.get(key)
        if found is not None:
            return found[0]
        found = self._old.get(key)
        if found is None:
            return None
        self.keep(key, *found)
        return found[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Keep a value.

        Args:
            key: what it is asked for by.
            value: anything but None.
            size: bytes that key and value take, about; what is larger than half of all there is isn't kept.
        """
        if size > self._half_bytes or not self._half:
            return
        with self._lock:
            before = self._young.get(key)
            self._bytes += size - (0 if before is None else before[1])
            self._young[key] = value, size
            if len(self._young) > self._half or self._bytes > self._half_bytes:
                # The newest begins the next half: a half is never fuller than it may be.
                del self._young[key]
                self._old, self._young, self._bytes = self._young, {key: (value, size)}, size

    def __len__(self) -> int:
        """How many values are kept."""
        young, old = self._young, self._old
        return len(young) + sum(key not in young for key in old)
