"""How often something happened, counted for all replicas together: leaky buckets.

A bucket is known by when it will be empty: each event puts in what takes `cost / rate` seconds to leak, and a
bucket that would take longer than `burst / rate` is full (the generic cell rate algorithm, ITU-T I.371).
"""

import time
from collections.abc import Mapping
from typing import Final

from sqlalchemy import text

from policy_engine.storage.database import Database
from policy_engine.storage.values import Bucket

__all__ = ["StoredRates"]

_EVERY, _AT_ONCE = 60.0, 1000
"""Seconds between looks for buckets that are empty, and how many are forgotten at one time."""

_PUT = (
    "INSERT INTO rates (bucket, empty_at) VALUES (:bucket, :now + :leaks) ON CONFLICT (bucket) DO UPDATE "
    "SET empty_at = {greatest}(rates.empty_at, :now) + :leaks "
    "WHERE {greatest}(rates.empty_at, :now) + :leaks <= :now + :full"
)
_LEVEL: Final = "SELECT empty_at FROM rates WHERE bucket = :bucket"
_FORGET: Final = (
    "DELETE FROM rates WHERE bucket IN (SELECT bucket FROM rates WHERE empty_at <= :now LIMIT :most)"
)


class StoredRates:
    """The buckets of one store."""

    __slots__ = ("_database", "_next_look", "_put")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = _PUT.format(greatest="max" if database.is_sqlite else "greatest")
        self._next_look = 0.0

    def take(self, buckets: Mapping[str, Bucket], now: float) -> float:
        """Count something in some buckets.

        Args:
            buckets: by name.
            now: seconds since the epoch.

        Returns:
            0.0 if it fitted into all; or seconds until it would fit into the first that was full.

        Raises:
            StorageError: it can't be counted.
        """
        self._tidy(now)
        for name, bucket in buckets.items():
            wait = self._wait(name, bucket, now)
            if wait > 0:
                return wait
        return 0.0

    def _wait(self, name: str, bucket: Bucket, now: float) -> float:
        leaks, full = bucket.cost / bucket.rate, bucket.burst / bucket.rate
        values = {"bucket": name, "now": now, "leaks": leaks, "full": full}
        with self._database.noting() as connection:
            if connection.execute(text(self._put), values).rowcount == 1:
                return 0.0
            empty_at = connection.execute(text(_LEVEL), {"bucket": name}).scalar()
        return max(0.001, (now if empty_at is None else empty_at) + leaks - now - full)

    def _tidy(self, now: float) -> None:
        moment = time.monotonic()
        if moment < self._next_look:
            return
        self._next_look = moment + _EVERY
        with self._database.noting() as connection:
            while connection.execute(text(_FORGET), {"now": now, "most": _AT_ONCE}).rowcount == _AT_ONCE:
                continue
