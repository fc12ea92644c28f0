"""Asking issuers without waiting for ever: one span of time for all that one of them is asked for."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from policy_engine.tokens import Fetch, Fetched, FetchFailed, FetchResult, HttpFetcher

__all__ = ["TOTAL_SECONDS", "PatientFetcher"]

TOTAL_SECONDS: Final = 15.0
"""For everything that one issuer is asked: its metadata at three addresses, and its keys."""

_EACH_SECONDS: Final = 5.0


class PatientFetcher:
    """Sends requests, each once, until the time is over.

    Args:
        total: seconds for all fetches together.
        clock: seconds, never running backwards.
    """

    def __init__(self, total: float = TOTAL_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + total
        self._known: dict[Fetch, FetchResult] = {}

    def fetch(self, request: Fetch, /) -> FetchResult:
        """Send a request, or say again what came of it."""
        if request not in self._known:
            left = self._end - self._clock()
            if left <= 0:
                return FetchFailed("timeout")
            self._known[request] = HttpFetcher(timeout=min(left, _EACH_SECONDS)).fetch(request)
        return self._known[request]

    def bodies(self) -> Iterator[bytes]:
        """What came, in the order in which it was asked for."""
        return (result.body for result in self._known.values() if isinstance(result, Fetched))
