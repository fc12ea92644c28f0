"""One database, SQLite or PostgreSQL: how it is opened, and how it is read and written.

Every failure of it is a `StorageError` that quotes neither statements, nor what was in them, nor passwords.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from policy_engine.errors import ConfigError, StorageError

__all__ = ["Database"]

_WAIT: Final = 5
"""Seconds that a statement waits for others, or takes, at most."""

_CONNECT: Final = 3
"""Seconds that a server may take to answer at all."""

_POSTGRES: Final[Mapping[str, Any]] = {
    "connect_timeout": _CONNECT,
    "options": f"-c statement_timeout={_WAIT}s -c lock_timeout={_WAIT}s",
    "application_name": "policy-engine",
}


class Database:
    """Connections to one database; many threads may share it.

    Args:
        url: `sqlite:///file.db`, or `postgresql://user:password@host/name`.
        create: whether a file that isn't there is made.

    Raises:
        ConfigError: the URL can't be used, or the file isn't there.
        StorageError: the database can't be reached.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        place = _parsed(url)
        self.is_sqlite = place.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _prepare(Path(place.database or ""), create=create)
            self._engine = _sqlite(place, "FULL")
            # What is written for each token survives the process, not the power: see `assertions`.
            self._quick = _sqlite(place, "NORMAL")
        else:
            self._engine = self._quick = create_engine(
                place.set(drivername="postgresql+psycopg"),
                connect_args=dict(_POSTGRES),
                pool_pre_ping=True,
                pool_size=8,
                max_overflow=8,
                pool_timeout=_WAIT,
                hide_parameters=True,
            )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for one question.

        Raises:
            StorageError: it can't be answered.
        """
        with guarded(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection for changes that happen together, or not at all.

        Raises:
            StorageError: they didn't.
        """
        with guarded():
            if not self.is_sqlite:
                with self._engine.begin() as connection:
                    yield connection
                return
            with self._engine.connect() as connection:
                # From the beginning: who reads first and writes then may find the place taken.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    with suppress(SQLAlchemyError):
                        connection.exec_driver_sql("ROLLBACK")
                    raise
                connection.exec_driver_sql("COMMIT")

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A connection for one statement that is a change by itself, and is gone if the power is.

        Raises:
            StorageError: it can't be made.
        """
        with guarded(), self._quick.connect() as connection:
            yield connection
            if not self.is_sqlite:
                connection.commit()

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()
        self._quick.dispose()


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what a database raises into what callers know.

    Raises:
        StorageError: something was raised.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(f"the database failed: {type(error).__name__}") from None


def _parsed(url: str) -> URL:
    try:
        place = make_url(url)
    except (ArgumentError, ValueError):
        place = None
    if place is None or not _is_usable(place):
        raise ConfigError(
            "the store isn't the URL of a database",
            remedy="write sqlite:///file.db or postgresql://user:password@host/name",
            code="store",
        )
    return place


def _is_usable(place: URL) -> bool:
    """Whether it is of a kind that is known; of a file nothing but its name can be said."""
    name = place.database or ""
    if place.get_backend_name() == "sqlite":
        return bool(name) and "\0" not in name and not name.startswith((":", "file:")) and not place.query
    return place.get_backend_name() == "postgresql" and bool(name)


def _prepare(file: Path, *, create: bool) -> None:
    """Make the file, for its owner alone, or check that it is there."""
    if file.is_file():
        return
    if not create:
        raise ConfigError(
            f"there is no store at {file}", remedy="start the authorization server, or add a client, first"
        )
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(
            f"can't make the store {file}: {error.strerror}", remedy="name a folder that can be written to"
        ) from None


def _sqlite(place: URL, synchronous: str) -> Engine:
    engine = create_engine(
        place.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": _WAIT, "check_same_thread": False},
        isolation_level="AUTOCOMMIT",
        pool_size=8,
        max_overflow=8,
        pool_timeout=_WAIT,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 -- the driver's own
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")

    return engine
