"""The number of changes, by which others notice that something is new."""

from sqlalchemy import Connection, select, update

from policy_engine.errors import StorageError
from policy_engine.storage.tables import CHANGES

__all__ = ["bump", "locked_version", "version"]


def version(connection: Connection) -> int:
    """How many changes there were.

    Raises:
        StorageError: the row is gone.
    """
    return _told(connection.execute(select(CHANGES.c.version)).scalar())


def locked_version(connection: Connection) -> int:
    """The same; nobody else changes anything until this transaction ends.

    Raises:
        StorageError: the row is gone.
    """
    return _told(connection.execute(select(CHANGES.c.version).with_for_update()).scalar())


def bump(connection: Connection) -> int:
    """Count one more, and say how many there are now."""
    connection.execute(update(CHANGES).values(version=CHANGES.c.version + 1))
    return version(connection)


def _told(found: int | None) -> int:
    if found is None:
        raise StorageError("the store has lost count of its changes")
    return found
