"""A clock that stands where a test sets it."""

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Seconds since the epoch: those of a clock, until they are set.

    Args:
        start: a number, at which it stands; or a clock, which it follows.
    """

    __slots__ = ("_now",)

    def __init__(self, start: float | Callable[[], float] = time.time) -> None:
        self._now = start

    def __call__(self) -> float:
        """The time."""
        return self._now() if callable(self._now) else self._now

    def set(self, seconds: float) -> None:
        """Let it stand there from now on."""
        self._now = seconds
