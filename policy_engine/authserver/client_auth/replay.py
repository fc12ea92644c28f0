"""Assertions are used once (RFC 7523 section 3, point 7).

A store that forgets an assertion too early accepts it twice; one that evicts when it is full can be made to
forget. So a full store refuses, and each client fills only its own share.
"""

import math
from collections import Counter
from heapq import heappop, heappush
from threading import Lock
from typing import Final, Protocol

from policy_engine.authserver.client_auth.assertion_claims import MAX_REMEMBERED
from policy_engine.authserver.limits import RateLimits
from policy_engine.model.stored import AssertionUse

__all__ = ["SHARE", "AssertionUse", "MemoryReplayStore", "ReplayStore", "share_of"]


def share_of(limits: RateLimits) -> int:
    """Assertions to remember of one client, so that none is refused for it that keeps to its limits.

    It is enough for two places that it asks from; limits are by place.
    """
    return math.ceil(2 * limits.client.within(MAX_REMEMBERED))


SHARE: Final = share_of(RateLimits())
"""The same for limits that nobody changed."""


class ReplayStore(Protocol):
    """Where used assertions are remembered, by all replicas of a server."""

    def use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> AssertionUse:
        """Remember an assertion as used, in one step with looking whether it was.

        Call it last, when everything else about the assertion holds: otherwise anyone could use up the ids
        of others.

        Args:
            client_id: whose assertion it is.
            jti: its id, unique to the client.
            expires_at: from when it is refused anyway, seconds since the epoch.
            now: seconds since the epoch; may lag behind other calls.

        Raises:
            PolicyEngineError: the store can't be asked now; the request is answered 503.
        """
        ...


class MemoryReplayStore:
    """A store for one process; after a restart it knows of no assertion.

    Args:
        capacity: assertions remembered in all.
        per_client: assertions remembered of one client.
    """

    def __init__(self, *, capacity: int = 100_000, per_client: int = SHARE) -> None:
        self._capacity = capacity
        self._per_client = per_client
        self._lock = Lock()
        self._used: set[tuple[str, str]] = set()
        self._share: Counter[str] = Counter()
        self._by_expiry: list[tuple[float, str, str]] = []
        self._forgotten_until = float("-inf")

    def use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> AssertionUse:
        """Remember an assertion as used; see `ReplayStore`."""
        with self._lock:
            self._forget(now)
            if (client_id, jti) in self._used or expires_at <= self._forgotten_until:
                return AssertionUse.REPEATED
            if len(self._used) >= self._capacity or self._share[client_id] >= self._per_client:
                return AssertionUse.FULL
            self._used.add((client_id, jti))
            self._share[client_id] += 1
            heappush(self._by_expiry, (expires_at, client_id, jti))
            return AssertionUse.FIRST

    def _forget(self, now: float) -> None:
        """Forget what has expired.

        Another thread may have read its clock before that, and come later with one of these: so nothing that
        ends as early as they did is taken any more.
        """
        while self._by_expiry and self._by_expiry[0][0] <= now:
            expires_at, client_id, jti = heappop(self._by_expiry)
            self._forgotten_until = max(self._forgotten_until, expires_at)
            self._used.discard((client_id, jti))
            self._share[client_id] -= 1
            if not self._share[client_id]:
                del self._share[client_id]
