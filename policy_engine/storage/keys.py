"""Signing keys: a small set that is replaced as a whole, by whoever saw it as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text

from policy_engine.errors import StorageError
from policy_engine.model.stored import KeyState, StoredKey
from policy_engine.storage.database import Database
from policy_engine.storage.documents import read, written
from policy_engine.storage.tables import SIGNING_KEYS

__all__ = ["StoredKeySet"]


class StoredKeySet:
    """The signing keys of one store."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[StoredKey, ...]:
        """All keys, the oldest first.

        Raises:
            StorageError: the store can't be asked.
        """
        with self._database.reading() as connection:
            return _all(connection)

    def replace(self, keys: Sequence[StoredKey], *, expected: Sequence[StoredKey]) -> bool:
        """Put a set in the place of another.

        Args:
            keys: what there is to be.
            expected: what there was when this was decided.

        Returns:
            Whether it was done: of two replicas that saw the same set, one does it.

        Raises:
            StorageError: nothing was changed.
        """
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                connection.execute(text("LOCK TABLE signing_keys IN EXCLUSIVE MODE"))
            if set(_all(connection)) != set(expected):
                return False
            connection.execute(delete(SIGNING_KEYS))
            if keys:
                connection.execute(insert(SIGNING_KEYS), [_row(key) for key in keys])
            return True


def _all(connection: Connection) -> tuple[StoredKey, ...]:
    rows = connection.execute(select(SIGNING_KEYS)).all()
    return tuple(sorted(map(_key, rows), key=lambda key: (key.created_at, key.kid)))


def _key(row: Row[Any]) -> StoredKey:
    return StoredKey(
        kid=row.kid,
        algorithm=row.algorithm,
        state=_state(row.state),
        public_jwk=read(row.public_jwk),
        sealed=bytes(row.sealed),
        created_at=row.created_at,
        activates_at=row.activates_at,
        removes_at=row.removes_at,
    )


def _state(text: str) -> KeyState:
    try:
        return KeyState(text)
    except ValueError:
        raise StorageError("the store holds a key of a state that isn't known") from None


def _row(key: StoredKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "state": key.state.value,
        "public_jwk": written(key.public_jwk),
        "sealed": key.sealed,
        "created_at": key.created_at,
        "activates_at": key.activates_at,
        "removes_at": key.removes_at,
    }
