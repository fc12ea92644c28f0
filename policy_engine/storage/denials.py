"""The deny-list: tokens that count no longer, though they haven't expired."""

from typing import Final

from sqlalchemy import and_, delete, insert, select, text

from policy_engine.model.stored import Denial
from policy_engine.storage.changes import bump, locked_version
from policy_engine.storage.database import Database
from policy_engine.storage.tables import DENIALS

__all__ = ["StoredDenials"]

_KEPT: Final = 86_400.0
"""Seconds that a denial stays after it has ended, for clocks that differ; a token that it named is over."""

_FORGET: Final = "DELETE FROM denials WHERE until <= {now} - :kept"


class StoredDenials:
    """The denials of one store."""

    __slots__ = ("_database", "_forget")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forget = text(_FORGET.format(now=database.earlier(":now")))

    def all(self, now: float) -> tuple[Denial, ...]:
        """Those that hold at a time, sorted by kind and value.

        Raises:
            StorageError: the store can't be asked.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(DENIALS)).all()
        found = [
            Denial(kind=row.kind, value=row.value, reason=row.reason, since=row.since, until=row.until)
            for row in rows
            if row.until is None or now < row.until
        ]
        return tuple(sorted(found, key=lambda denial: (denial.kind, denial.value)))

    def add(self, denial: Denial) -> None:
        """Deny; what was said of the same before is replaced. What ended long before is forgotten.

        Raises:
            StorageError: it isn't denied.
        """
        own = and_(DENIALS.c.kind == denial.kind, DENIALS.c.value == denial.value)
        with self._database.writing() as connection:
            locked_version(connection)
            connection.execute(delete(DENIALS).where(own))
            connection.execute(self._forget, {"now": float(denial.since), "kept": _KEPT})
            connection.execute(
                insert(DENIALS).values(
                    kind=denial.kind,
                    value=denial.value,
                    reason=denial.reason,
                    since=denial.since,
                    until=denial.until,
                )
            )
            bump(connection)

    def remove(self, kind: str, value: str) -> bool:
        """Deny no longer; whether it was denied.

        Raises:
            StorageError: it stays denied.
        """
        own = and_(DENIALS.c.kind == kind, DENIALS.c.value == value)
        with self._database.writing() as connection:
            locked_version(connection)
            found = connection.execute(delete(DENIALS).where(own)).rowcount > 0
            if found:
                bump(connection)
        return found
