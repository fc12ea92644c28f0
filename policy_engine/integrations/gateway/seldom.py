"""What goes wrong with every request is told now and then, with how often it did."""

import logging
import math
import time
from typing import Final

__all__ = ["Seldom"]

_SECONDS: Final = 10.0


class Seldom:
    """Tells each sentence at once, and then once every few seconds at most.

    Args:
        log: where to.
        seconds: how long a sentence isn't told again.
    """

    __slots__ = ("_last", "_log", "_missed", "_seconds")

    def __init__(self, log: logging.Logger, seconds: float = _SECONDS) -> None:
        self._log = log
        self._seconds = seconds
        self._last: dict[str, float] = {}
        self._missed: dict[str, int] = {}

    def tell(self, sentence: str) -> None:
        """Tell it; sentences are ours, and few: nothing in them comes from a request."""
        now = time.monotonic()
        if now - self._last.get(sentence, -math.inf) < self._seconds:
            self._missed[sentence] = self._missed.get(sentence, 0) + 1
            return
        self._last[sentence] = now
        missed = self._missed.pop(sentence, 0)
        self._log.error("%s%s", sentence, f" (and {missed} times before)" if missed else "")
