"""A rest for who didn't answer: each further try would make a decision wait."""

import time
from collections.abc import Callable

__all__ = ["Rest"]


class Rest:
    """Whether a receiver that couldn't be reached is left alone still.

    Args:
        seconds: how long.
        clock: counts seconds, and never goes back.
    """

    def __init__(self, seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._until = float("-inf")

    def begin(self) -> None:
        """Leave it alone from now on, for a while."""
        self._until = self._clock() + self._seconds

    @property
    def lasts(self) -> bool:
        """Whether it is left alone now."""
        return self._clock() < self._until
