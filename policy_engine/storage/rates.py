"""How often something happened, counted for all replicas together: leaky buckets.

A bucket is known by when it will be empty: each event puts in what takes `cost / rate` seconds to leak, and a
bucket that would take longer than `burst / rate` is full (the generic cell rate algorithm, ITU-T I.371).
"""

from collections.abc import Mapping
from typing import Final

from policy_engine.model.stored import Bucket
from policy_engine.storage.database import Database
from policy_engine.storage.tidying import Tidying

__all__ = ["StoredRates"]

_PUT: Final = (
    "INSERT INTO rates (bucket, empty_at) VALUES (:bucket, :now + :leaks) ON CONFLICT (bucket) DO UPDATE "
    "SET empty_at = {level} + :leaks WHERE {level} + :leaks <= :now + :full"
)
_LEVEL_NOW: Final = (
    "(CASE WHEN rates.empty_at > :now + :most THEN :now ELSE {greatest}(rates.empty_at, :now) END)"
)
_LEVEL: Final = "SELECT empty_at FROM rates WHERE bucket = :bucket"
_FORGET: Final = (
    "DELETE FROM rates WHERE bucket IN (SELECT bucket FROM rates WHERE empty_at <= {over} LIMIT :most) "
    "AND empty_at <= {over}"
)

_MOST: Final = 1000.0
"""As many events at once are never put in beyond a burst: what is fuller was filled by a clock that has been
set back since, and counts as empty."""

_SOON: Final = 0.001
"""Seconds to wait at least, where there was no room."""


class StoredRates:
    """The buckets of one store."""

    __slots__ = ("_database", "_level", "_put", "_tidying")

    def __init__(self, database: Database) -> None:
        self._database = database
        greatest = "max" if database.is_sqlite else "greatest"
        self._put = database.statement(_PUT.format(level=_LEVEL_NOW.format(greatest=greatest)))
        self._level = database.statement(_LEVEL)
        self._tidying = Tidying(database, _FORGET)

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
        self._tidying.pass_by(now)
        for name, bucket in buckets.items():
            wait = self._wait(name, bucket, now)
            if wait > 0:
                return wait
        return 0.0

    def _wait(self, name: str, bucket: Bucket, now: float) -> float:
        leaks, full = bucket.cost / bucket.rate, bucket.burst / bucket.rate
        most = full + _MOST / bucket.rate
        values = {"bucket": name, "now": float(now), "leaks": leaks, "full": full, "most": most}
        with self._database.noting() as cursor:
            cursor.execute(self._put, values)
            if cursor.rowcount == 1:
                return 0.0
            cursor.execute(self._level, {"bucket": name})
            row = cursor.fetchone()
        empty_at = now if row is None else max(now, row[0])
        return max(_SOON, empty_at + leaks - now - full)
