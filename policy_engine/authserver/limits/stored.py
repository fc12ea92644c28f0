"""Counting in a store, for all replicas together."""

import hashlib
from typing import TYPE_CHECKING, Final

from policy_engine.authserver.limits.limiter import Rate, RateLimits, bucket_of_client
from policy_engine.model.stored import Bucket

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["StoredRateLimiter"]

_OVER: Final = 1e9
"""More than any burst: what is put in whether or not there is room."""


class StoredRateLimiter:
    """Counts for all replicas that share a store.

    Args:
        store: where it is counted.
        limits: what is allowed.
    """

    __slots__ = ("_limits", "_store")

    def __init__(self, store: "Store", limits: RateLimits | None = None) -> None:
        self._store = store
        self._limits = RateLimits() if limits is None else limits

    def arrived(self, source: str, now: float) -> float:
        """Count a request of a source; see `RateLimiter`.

        Raises:
            StorageError: it can't be counted.
        """
        rate = self._limits.source
        bucket = Bucket(rate=rate.per_second, burst=rate.burst)
        return self._store.rates.take({_of_source(source): bucket}, now)

    def named(self, source: str, client_id: str, now: float) -> float:
        """Count a request of a client from a source.

        Raises:
            StorageError: it can't be counted.
        """
        rate = self._limits.client
        bucket = Bucket(rate=rate.per_second, burst=rate.burst)
        return self._store.rates.take({_of_client(source, client_id): bucket}, now)

    def failed(self, source: str, client_id: str | None, now: float) -> None:
        """Count a failure as further requests, whether or not there is room for them.

        Raises:
            StorageError: it can't be counted.
        """
        buckets = {_of_source(source): self._failure(self._limits.source)}
        if client_id is not None:
            buckets[_of_client(source, client_id)] = self._failure(self._limits.client)
        self._store.rates.take(buckets, now)

    def _failure(self, rate: Rate) -> Bucket:
        return Bucket(rate=rate.per_second, burst=_OVER, cost=self._limits.failure_cost - 1)


def _of_source(source: str) -> str:
    return _name("source", source)


def _of_client(source: str, client_id: str) -> str:
    return _name("client", *bucket_of_client(source, client_id))


def _name(*parts: str) -> str:
    """A name of one size, which tells nobody who reads the store where requests come from."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
