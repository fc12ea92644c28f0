"""Bring a database to the tables that this version has; several replicas may start at once."""

from collections.abc import Callable
from importlib.resources import as_file, files
from threading import Lock
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from policy_engine.errors import ConfigError
from policy_engine.storage.database import Database
from policy_engine.storage.tables import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "migrate"]

_STEPS: Final = ("0001",)
"""All migrations, from the first to the last."""

HEAD: Final = _STEPS[-1]
"""The last one; what is older is brought here, what isn't known is left alone."""

_LOCK: Final = 0x706F6C696379
"""A number of our own, for PostgreSQL's advisory locks."""

_alembic = Lock()
"""It keeps what it works on in its modules, so that a process runs it once at a time."""


def migrate(database: Database, *, create: bool = True) -> None:
    """Bring a database up to date, if it isn't.

    Args:
        database: which.
        create: whether it may be changed; else it has to be up to date.

    Raises:
        ConfigError: `store`: a later version made it, something else did, or it may not be changed.
        StorageError: it can't be done.
    """
    with database.reading() as connection:
        found = _version(connection)
    if found == HEAD:
        return
    _check(found, create=create)
    _load()  # before others have to wait for it
    with _alembic, database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        found = _version(connection)  # somebody else may have done it by now
        _check(found, create=create)
        if found is None:
            _check_room(connection, of_its_own=database.is_sqlite)
        if found != HEAD:
            _upgrade(connection)


def _check(found: str | None, *, create: bool) -> None:
    if found is not None and found not in _STEPS:
        raise ConfigError(
            f"the store was made by another version (its tables are `{found}`)",
            remedy="upgrade policy-engine, or name another store",
            code="store",
        )
    if found != HEAD and not create:
        raise ConfigError(
            "the store isn't up to date",
            remedy="start the authorization server, or add a client, first",
            code="store",
        )


def _check_room(connection: Connection, *, of_its_own: bool) -> None:
    """Leave alone what belongs to something else: a whole file, or tables that are called like ours."""
    found = set(inspect(connection).get_table_names())
    if found if of_its_own else found & {*METADATA.tables}:
        raise ConfigError(
            "the store is the database of something else", remedy="name one of its own", code="store"
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _load() -> "tuple[Callable[[Config, str], None], type[Config]]":
    """Import alembic: it takes long, and is hardly ever needed."""
    from alembic import command  # noqa: PLC0415 -- see above
    from alembic.config import Config  # noqa: PLC0415 -- likewise

    return command.upgrade, Config


def _upgrade(connection: Connection) -> None:
    upgrade, configuration = _load()
    with as_file(files("policy_engine.storage") / "migrations") as folder:
        config = configuration()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        upgrade(config, HEAD)
