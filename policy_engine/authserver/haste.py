"""A store that another process keeps locked: who can't wait for it says so, and somebody else does.

The event loop answers requests itself, as long as that takes next to no time. Where the store is busy it
gives up in the middle of a request, before anything of it was recorded, and a thread begins anew. Of such a
request the limits count that it arrived once more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from policy_engine.authserver.client_auth import ReplayStore
from policy_engine.authserver.limits import RateLimiter
from policy_engine.errors import StorageError
from policy_engine.model.stored import AssertionUse

__all__ = ["BusyError", "HastyLimiter", "HastyReplays"]

_SECONDS: Final = 1.0
"""For which a store that was busy isn't tried again."""


class BusyError(Exception):
    """The store would keep its caller waiting; no PolicyEngineError, so that no handler answers it."""


class _Hasty:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._next_try = float("-inf")

    @contextmanager
    def _in_haste(self) -> Iterator[None]:
        """Ask the store, unless it was busy a moment ago.

        Raises:
            BusyError: it was, or is.
        """
        if self._now() < self._next_try:
            raise BusyError
        try:
            yield
        except StorageError:
            self._next_try = self._now() + _SECONDS
            raise BusyError from None


class HastyReplays(_Hasty):
    """A `ReplayStore` that waits for nobody.

    Args:
        replays: asked where it answers at once.
        now: the time, in seconds; any clock that goes on.
    """

    def __init__(self, replays: ReplayStore, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)
        self._replays = replays

    def use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> AssertionUse:
        """Remember an assertion as used; see `ReplayStore`.

        Raises:
            BusyError: somebody else has to.
        """
        with self._in_haste():
            return self._replays.use(client_id, jti, expires_at=expires_at, now=now)


class HastyLimiter(_Hasty):
    """A `RateLimiter` that waits for nobody; its methods raise BusyError where somebody else has to count.

    Args:
        limiter: asked where it answers at once.
        now: the time, in seconds; any clock that goes on.
    """

    def __init__(self, limiter: RateLimiter, *, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)
        self._limiter = limiter

    def arrived(self, source: str, now: float) -> float:
        """Count a request."""
        with self._in_haste():
            return self._limiter.arrived(source, now)

    def named(self, source: str, client_id: str, now: float) -> float:
        """Count a request of a client."""
        with self._in_haste():
            return self._limiter.named(source, client_id, now)

    def failed(self, source: str, client_id: str | None, now: float) -> None:
        """Count a failed authentication."""
        with self._in_haste():
            self._limiter.failed(source, client_id, now)
