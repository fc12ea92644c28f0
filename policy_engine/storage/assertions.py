"""Used assertions (RFC 7523 section 3, point 7): each counts once, at one replica of all.

This is written for each token, so it is one statement, as a rule. With SQLite it is in the operating system's
hands when the token leaves: it survives the process, killed or not, and isn't certain to survive a power cut.
"""

import hashlib
from typing import Any, Final

from policy_engine.model.stored import AssertionUse
from policy_engine.storage.allowances import Allowances
from policy_engine.storage.database import Database
from policy_engine.storage.tidying import Tidying

__all__ = ["StoredAssertions"]

_MARGIN: Final = 120.0
"""Seconds that an assertion is remembered after it has expired, for replicas whose clocks lag behind."""

_USE: Final = (
    "INSERT INTO used_assertions (client_id, digest, expires_at) VALUES (:client_id, :digest, :expires_at) "
    "ON CONFLICT DO NOTHING"
)
_COUNT: Final = "SELECT count(*) FROM used_assertions WHERE client_id = :client_id AND expires_at > :now"
_IS_USED: Final = "SELECT 1 FROM used_assertions WHERE client_id = :client_id AND digest = :digest"
_FORGET: Final = (
    "DELETE FROM used_assertions WHERE (client_id, digest) IN "
    "(SELECT client_id, digest FROM used_assertions WHERE expires_at <= {over} LIMIT :most)"
)


class StoredAssertions:
    """The used assertions of one store."""

    __slots__ = ("_allowances", "_count", "_database", "_is_used", "_tidying", "_use")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._allowances = Allowances()
        self._count = database.statement(_COUNT)
        self._use = database.statement(_USE)
        self._is_used = database.statement(_IS_USED)
        self._tidying = Tidying(database, _FORGET, margin=_MARGIN)

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
                Replicas that write at the same moment may go somewhat beyond it.

        Raises:
            StorageError: it isn't known whether it was used, so it can't be.
        """
        self._tidying.pass_by(now)
        # JSON can hold half a character, which no database takes.
        digest = hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest()
        own = {"client_id": client_id, "digest": digest}
        with self._database.noting() as cursor:
            if self._has_room(cursor, client_id, now, per_client):
                cursor.execute(self._use, {**own, "expires_at": expires_at})
                return AssertionUse.FIRST if cursor.rowcount == 1 else AssertionUse.REPEATED
            cursor.execute(self._is_used, own)
            return AssertionUse.FULL if cursor.fetchone() is None else AssertionUse.REPEATED

    def _has_room(self, cursor: Any, client_id: str, now: float, most: int) -> bool:  # noqa: ANN401 -- a driver's
        if self._allowances.take(client_id, most):
            return True
        cursor.execute(self._count, {"client_id": client_id, "now": now})
        (found,) = cursor.fetchone()
        self._allowances.counted(client_id, most, found)
        return bool(found < most)
