"""Bring a database to the tables that this version has; several replicas may start at once."""

from importlib.resources import as_file, files
from typing import Final

from sqlalchemy import Connection, inspect, text

from policy_engine.errors import ConfigError
from policy_engine.storage.database import Database

__all__ = ["HEAD", "migrate"]

HEAD: Final = "0001"
"""The last migration; what is older is brought here, what isn't known is left alone."""

_KNOWN: Final = frozenset({None, HEAD})

_LOCK: Final = 0x706F6C696379
"""A number of our own, for PostgreSQL's advisory locks."""


def migrate(database: Database) -> None:
    """Bring a database up to date, if it isn't.

    Raises:
        ConfigError: a later version made it.
        StorageError: it can't be done.
    """
    with database.reading() as connection:
        found = _version(connection)
    if found == HEAD:
        return
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        found = _version(connection)  # somebody else may have done it by now
        if found not in _KNOWN:
            raise ConfigError(
                f"the store was made by another version (its tables are `{found}`)",
                remedy="upgrade policy-engine, or name another store",
                code="store",
            )
        if found != HEAD:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 -- takes long to import, and is hardly ever needed
    from alembic.config import Config  # noqa: PLC0415

    with as_file(files("policy_engine.storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
