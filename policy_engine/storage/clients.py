"""Registered clients; each change is all or nothing, and an id is used once for ever."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, Row, Select, cast, insert, select, update

from policy_engine.errors import ConfigError, StaleError, StorageError
from policy_engine.model.stored import ClientChange, StoredClient
from policy_engine.storage.changes import bump, locked_version
from policy_engine.storage.database import Database
from policy_engine.storage.documents import read, written
from policy_engine.storage.tables import CLIENTS

__all__ = ["StoredClients"]

_LATEST: Final = 253_402_300_800.0
"""The year 10000, which no calendar here can write."""


class StoredClients:
    """The clients of one store."""

    __slots__ = ("_database", "_select")

    def __init__(self, database: Database) -> None:
        self._database = database
        # SQLite keeps any bytes as a text, and a text that isn't one would stop the reading of all others.
        texts = (CLIENTS.c.client_id, CLIENTS.c.document) if database.is_sqlite else ()
        read = [cast(column, LargeBinary).label(column.name) for column in texts]
        self._select: Select[Any] = select(*(each for each in CLIENTS.c if each not in set(texts)), *read)

    def all(self) -> tuple[StoredClient, ...]:
        """Those that are registered, sorted by id.

        The document of one that can't be read is empty, with which it is of no use; it stops no other.

        Raises:
            StorageError: the store can't be asked.
        """
        question = self._select.where(CLIENTS.c.removed_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(question).all()
        # By the number of each character, whatever language the database sorts by.
        return tuple(sorted(map(_client, rows), key=lambda client: client.client_id))

    def find(self, client_id: str) -> StoredClient | None:
        """The client that has, or once had, this id; its document is as `all` says.

        Raises:
            StorageError: the store can't be asked.
        """
        with self._database.reading() as connection:
            row = connection.execute(self._select.where(CLIENTS.c.client_id == client_id)).first()
        return None if row is None else _client(row)

    def change(self, changes: Sequence[ClientChange], *, expected_version: int | None, now: float) -> int:
        """Make some changes, all together.

        Args:
            changes: what becomes of whom.
            expected_version: what `Store.version` said when they were decided; None if that doesn't matter.
            now: seconds since the epoch.

        Returns:
            The version afterwards.

        Raises:
            StaleError: the store is of another version by now.
            ConfigError: `duplicate_client`: the id was another client's.
            StorageError: nothing was changed.
        """
        with self._database.writing() as connection:
            version = locked_version(connection)
            if expected_version not in (None, version):
                raise StaleError
            for change in changes:
                _apply(connection, change, now)
            return bump(connection) if changes else version


def _apply(connection: Connection, change: ClientChange, now: float) -> None:
    own = CLIENTS.c.client_id == change.client_id
    known = connection.execute(select(CLIENTS.c.removed_at).where(own)).first()
    if known is not None and known.removed_at is not None:
        if change.document is None:
            return
        raise ConfigError(
            f"`{change.client_id}` was another client's id, and ids are never used again",
            remedy="choose another id",
            code="duplicate_client",
        )
    if change.document is None:
        # Only the id stays: keys, hashes and attributes of who is gone are nobody's business.
        gone = {"removed_at": now, "changed_at": now, "document": "{}"}
        connection.execute(update(CLIENTS).where(own).values(gone))
        return
    values = {"document": written(change.document), "changed_at": now}
    if known is None:
        connection.execute(insert(CLIENTS).values(client_id=change.client_id, created_at=now, **values))
    else:
        connection.execute(update(CLIENTS).where(own).values(values))


def _client(row: Row[Any]) -> StoredClient:
    return StoredClient(
        client_id=_text(row.client_id),
        document=_document(row.document),
        created_at=_time(row.created_at),
        changed_at=_time(row.changed_at),
        removed_at=row.removed_at,
    )


def _text(value: bytes | str) -> str:
    """An id; one that isn't a text gets a backslash, which no client's id has, and so can be nobody's."""
    return value if isinstance(value, str) else value.decode(errors="backslashreplace")


def _time(value: object) -> float:
    """A time that can be told; SQLite keeps anything as a number, and people see these, nobody else."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _LATEST else 0.0


def _document(text: bytes | str) -> Mapping[str, Any]:
    try:
        return read(text)
    except StorageError:
        return {}
