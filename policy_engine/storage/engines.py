"""How SQLite and PostgreSQL are connected to. Each statement is a transaction, unless one is begun."""

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

from sqlalchemy import Engine, QueuePool, create_engine
from sqlalchemy.engine import URL

__all__ = ["postgres_engine", "sqlite_engine"]

_CONNECT: Final = 3
"""Seconds that a server may take to answer at all."""

_POOL: Final[Mapping[str, Any]] = {
    "isolation_level": "AUTOCOMMIT",
    "pool_size": 8,
    "max_overflow": 8,
    "hide_parameters": True,
}


def sqlite_engine(file: Path, *, synchronous: Literal["FULL", "NORMAL"], wait: float) -> Engine:
    """Connect to a file that is there.

    Args:
        file: which.
        synchronous: whether what is written survives the power, or only the process.
        wait: seconds that a statement waits for other processes.
    """
    # SQLite would make a file that isn't there, for everyone to read.
    name = f"file:{quote(str(file))}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            name, uri=True, timeout=wait, check_same_thread=False, isolation_level=None
        )
        try:
            _write_ahead(connection, wait)
            connection.execute(f"PRAGMA synchronous = {synchronous}")
        except BaseException:
            connection.close()
            raise
        return connection

    return create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=QueuePool, pool_timeout=wait, **_POOL
    )


def _write_ahead(connection: sqlite3.Connection, wait: float) -> None:
    """Let readers and who writes not wait for each other, from the first time on.

    That first time SQLite doesn't wait for others who do the same, so this does.
    """
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() >= until:
                raise
            time.sleep(0.01)
        else:
            return


def postgres_engine(place: URL, *, wait: float) -> Engine:
    """Connect to a server, which may go away and come back.

    Args:
        place: what else the driver takes, such as `sslmode`, is its query.
        wait: seconds that a statement may take, and that a network may be silent.
    """
    arguments = {
        "connect_timeout": _CONNECT,
        "options": f"-c statement_timeout={int(wait * 1000)}",
        "tcp_user_timeout": int(wait * 1000),
        "keepalives_idle": max(1, int(wait)),
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "application_name": "policy-engine",
    }
    return create_engine(
        place.set(drivername="postgresql+psycopg"),
        connect_args=arguments,
        pool_pre_ping=True,
        pool_timeout=wait,
        **_POOL,
    )
