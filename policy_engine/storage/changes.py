"""The number of changes, and a mark of the last one, by which others notice that something is new.

The number alone tells nothing of a database that was made anew, or put back from a backup: two may have as
many changes. A mark is drawn at random with each change, so that no two are alike anywhere.
"""

import secrets

from sqlalchemy import Connection, select, update

from policy_engine.errors import StorageError
from policy_engine.storage.tables import CHANGES

__all__ = ["bump", "locked_version", "mark", "version"]


def mark(connection: Connection) -> tuple[int, str]:
    """The number of changes and the mark of the last one: the same as long as nothing changes.

    Raises:
        StorageError: the row is gone.
    """
    row = connection.execute(select(CHANGES.c.version, CHANGES.c.mark)).first()
    return (_told(None), "") if row is None else (row.version, row.mark)


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
    """Count one more under a new mark, and say how many there are now."""
    connection.execute(update(CHANGES).values(version=CHANGES.c.version + 1, mark=secrets.token_hex(16)))
    return version(connection)


def _told(found: int | None) -> int:
    if found is None:
        raise StorageError("the store has lost count of its changes")
    return found
