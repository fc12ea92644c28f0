"""Used assertions (RFC 7523 section 3, point 7): each counts once, at one replica of all.

This is written for each token, so it is one statement. With SQLite it is in the operating system's hands when
the token leaves: it survives the process, killed or not, and isn't certain to survive a power cut.
"""

import hashlib
import time
from typing import Final

from policy_engine.storage.database import Database
from policy_engine.storage.values import AssertionUse

__all__ = ["StoredAssertions"]

_MARGIN: Final = 120.0
"""Seconds that an assertion is remembered after it has expired, for replicas whose clocks lag behind."""

_EVERY, _AT_ONCE = 30.0, 1000
"""Seconds between looks for what can be forgotten, and how much is forgotten at one time."""

_USE = (
    "INSERT INTO used_assertions (digest, client_id, expires_at) SELECT {0}, {0}, {0} "
    "WHERE (SELECT count(*) FROM used_assertions WHERE client_id = {0} AND expires_at > {0}) < {0} "
    "ON CONFLICT DO NOTHING"
)
_IS_USED = "SELECT 1 FROM used_assertions WHERE digest = {0}"
_FORGET = (
    "DELETE FROM used_assertions WHERE digest IN "
    "(SELECT digest FROM used_assertions WHERE expires_at <= {0} LIMIT {0})"
)


class StoredAssertions:
    """The used assertions of one store."""

    __slots__ = ("_database", "_forget", "_is_used", "_next_look", "_use")

    def __init__(self, database: Database) -> None:
        self._database = database
        mark = "?" if database.is_sqlite else "%s"
        cast = "?" if database.is_sqlite else "%s::double precision"
        self._use = _USE.format(mark) if database.is_sqlite else _typed(_USE)
        self._is_used = _IS_USED.format(mark)
        self._forget = _FORGET.replace("{0}", cast, 1).format(mark)
        self._next_look = 0.0

    def use(
        self, client_id: str, jti: str, *, expires_at: float, now: float, per_client: int
    ) -> AssertionUse:
        """Remember an assertion as used, in one step with looking whether it was.

        Args:
            client_id: whose it is.
            jti: its id, unique to the client.
            expires_at: from when it is refused anyway, seconds since the epoch.
            now: seconds since the epoch.
            per_client: how many are remembered of one client; nothing that counts is ever forgotten for it.

        Raises:
            StorageError: it isn't known whether it was used, so it can't be.
        """
        digest = hashlib.sha256(f"{client_id}\0{jti}".encode("utf-8", "surrogatepass")).digest()
        self._tidy(now)
        with self._database.noting() as connection:
            values = (digest, client_id, expires_at, client_id, now, per_client)
            if connection.exec_driver_sql(self._use, values).rowcount == 1:
                return AssertionUse.FIRST
            used = connection.exec_driver_sql(self._is_used, (digest,)).first()
            return AssertionUse.FULL if used is None else AssertionUse.REPEATED

    def _tidy(self, now: float) -> None:
        """Forget some of what has expired for everyone, from time to time."""
        moment = time.monotonic()
        if moment < self._next_look:
            return
        self._next_look = moment + _EVERY
        with self._database.noting() as connection:
            while connection.exec_driver_sql(self._forget, (now - _MARGIN, _AT_ONCE)).rowcount == _AT_ONCE:
                continue


def _typed(statement: str) -> str:
    """With types where PostgreSQL can't tell them from the place."""
    types = ("bytea", "text", "double precision", "text", "double precision", "bigint")
    return statement.format(*["%s"]).replace("%s", "{}").format(*[f"%s::{each}" for each in types])
