"""One database, SQLite or PostgreSQL: how it is opened, and how it is read and written.

Every failure of it is a `StorageError` that quotes neither statements, nor what was in them, nor passwords.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from policy_engine.errors import StorageError
from policy_engine.storage.engines import postgres_engine, sqlite_engine
from policy_engine.storage.place import identity, parsed, prepare

__all__ = ["Database"]

_WAIT: Final = 5.0
"""Seconds that a statement waits for others, or takes, at most."""

_PARAMETER: Final = re.compile(r":([a-z_]+)")


class Database:
    """Connections to one database; many threads may share it.

    Args:
        url: `sqlite:///file.db`, or `postgresql://user:password@host/name`.
        create: whether a file that isn't there is made.
        wait: seconds that a statement waits for others, or takes, at most.

    Raises:
        ConfigError: the URL can't be used, or the file isn't there.
        StorageError: the file is gone.
    """

    def __init__(self, url: str, *, create: bool = True, wait: float = _WAIT) -> None:
        place = parsed(url)
        self.is_sqlite = place.get_backend_name() == "sqlite"
        self._wait = wait
        self._file: Path | None = None
        self._identity: tuple[int, int] | None = None
        # SQLite has one writer at a time. Threads queue here: there they would sleep and try again.
        self._queue = Lock()
        if self.is_sqlite:
            self._file = Path(place.database or "").absolute()
            prepare(self._file, create=create)
            self._identity = identity(self._file)
            self._engine = sqlite_engine(self._file, synchronous="FULL", wait=wait)
            # What is written for each token survives the process, not the power: see `assertions`.
            self._quick = sqlite_engine(self._file, synchronous="NORMAL", wait=wait)
        else:
            self._engine = self._quick = postgres_engine(place, wait=wait)

    def earlier(self, time: str) -> str:
        """Write, in SQL, a time that isn't after the database's own, however far ahead the caller's clock is.

        A file of SQLite is of one machine, which has one clock.

        Args:
            time: what the caller's clock says, in SQL: seconds since the epoch.
        """
        # Of the statement: `clock_timestamp` moves on from row to row, so that no index helps.
        own = "CAST(extract(epoch FROM statement_timestamp()) AS double precision)"
        return time if self.is_sqlite else f"least({time}, {own})"

    def statement(self, text: str) -> str:
        """Write parameters such as `:name` as the driver has them."""
        return text if self.is_sqlite else _PARAMETER.sub(r"%(\1)s", text)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one question.

        Raises:
            StorageError: it can't be answered.
        """
        with self._guarded(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection for changes that happen together, or not at all.

        Raises:
            StorageError: they didn't.
        """
        with self._guarded(), self._in_turn(), self._engine.connect() as connection:
            # With SQLite from the beginning: who reads first and writes then may find the place taken.
            # With PostgreSQL each statement sees what those saw to whom it gave way.
            begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN ISOLATION LEVEL READ COMMITTED"
            connection.exec_driver_sql(begin)
            yield connection
            # Without this the pool takes back what was changed, as it does with each connection it gets back.
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def noting(self) -> Iterator[Any]:
        """A cursor of the driver's own, for statements that are a change each, and are gone if the power is.

        Raises:
            StorageError: it can't be made.
        """
        with self._guarded(), self._in_turn():
            connection = self._quick.raw_connection()
            try:
                cursor = connection.cursor()
                yield cursor
                cursor.close()
            except BaseException:
                connection.invalidate()
                raise
            finally:
                connection.close()

    def close(self) -> None:
        """Give back every connection."""
        for engine in self._engines():
            engine.dispose()

    def _engines(self) -> tuple[Engine, ...]:
        return (self._engine, self._quick) if self.is_sqlite else (self._engine,)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._queue.acquire(timeout=self._wait):
            raise StorageError("the database is busy")
        try:
            yield
        finally:
            self._queue.release()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what a database raises into what callers know.

        Raises:
            StorageError: something was raised.
        """
        self._look()
        failures = (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error, UnicodeError)
        try:
            yield
        except failures as error:
            raise StorageError(f"the database failed: {_name(error)}") from None

    def _look(self) -> None:
        """Use the file that has the name now: SQLite would go on in one that was deleted, or replaced."""
        if self._file is None:
            return
        found = identity(self._file)
        if found != self._identity:
            # In this order: nobody takes a connection to the old file for one to the new.
            self.close()
            self._identity = found


def _name(error: Exception) -> str:
    """What a driver calls the failure, such as `SQLITE_BUSY` or `QueryCanceled`; never what it says."""
    own = getattr(error, "orig", None) or error
    return str(getattr(own, "sqlite_errorname", type(own).__name__))
