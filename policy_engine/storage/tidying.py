"""Rows that are over are deleted in passing: some at a time, so that nobody who comes by waits for long."""

import time
from typing import Final

from policy_engine.storage.database import Database

__all__ = ["Tidying"]

_EVERY: Final = 30.0
"""Seconds until one looks again, once nothing is left to delete."""

_AT_ONCE: Final = 200
"""How much is deleted by whoever comes by; each comes for one row of his own."""


class Tidying:
    """What deletes rows of one table.

    Args:
        database: where the table is.
        text: a statement that deletes at most `:most` rows that were over at `{over}`.
        margin: seconds for which they stay nevertheless, for other clocks that lag behind.
    """

    __slots__ = ("_database", "_next_look", "_statement")

    def __init__(self, database: Database, text: str, *, margin: float = 0.0) -> None:
        self._database = database
        # A clock that runs ahead must not delete what others still need.
        over = f"({database.earlier(':now')} - {margin})"
        self._statement = database.statement(text.format(over=over))
        self._next_look = 0.0

    def pass_by(self, now: float) -> None:
        """Delete some rows, if it is time to look for them.

        Args:
            now: what this machine's clock says, seconds since the epoch.

        Raises:
            StorageError: the store can't be written to.
        """
        moment = time.monotonic()
        if moment < self._next_look:
            return
        self._next_look = moment + _EVERY
        with self._database.noting() as cursor:
            cursor.execute(self._statement, {"now": float(now), "most": _AT_ONCE})
            if cursor.rowcount == _AT_ONCE:
                self._next_look = moment
