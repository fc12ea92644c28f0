"""How much may be written before one counts again: to count thousands of rows for each token takes long."""

import time
from threading import Lock
from typing import Final

__all__ = ["Allowances"]

_LASTS: Final = 1.0
"""Seconds after which one counts anyway, as other replicas write, too."""

_MANY: Final = 10_000
"""Names that are remembered; then one begins anew, and counts more often."""


class Allowances:
    """What this process may write without counting, by name; half of the room that there was.

    So one process never writes more than there is room for, and several at once little more.
    """

    __slots__ = ("_left", "_lock")

    def __init__(self) -> None:
        self._left: dict[tuple[str, int], tuple[int, float]] = {}
        self._lock = Lock()

    def take(self, name: str, most: int) -> bool:
        """Whether something may be written without counting; it is taken to be written then."""
        with self._lock:
            left, until = self._left.get((name, most), (0, 0.0))
            if left <= 0 or time.monotonic() >= until:
                return False
            self._left[name, most] = (left - 1, until)
            return True

    def counted(self, name: str, most: int, found: int) -> None:
        """Say how much of the most there may be was found."""
        with self._lock:
            if len(self._left) >= _MANY:
                self._left.clear()
            self._left[name, most] = ((most - found) // 2, time.monotonic() + _LASTS)
