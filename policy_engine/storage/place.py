"""Where a store is: the URL that names it, and the file that SQLite keeps it in."""

import os
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from policy_engine.errors import ConfigError, StorageError

__all__ = ["identity", "parsed", "prepare"]


def parsed(url: str) -> URL:
    """Take a URL apart.

    Raises:
        ConfigError: `store`: it isn't one of a database that is known; the password isn't quoted.
    """
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


def prepare(file: Path, *, create: bool) -> None:
    """Make the file, for its owner alone, or check that it is there.

    SQLite gives what it writes beside it the same permissions.

    Raises:
        ConfigError: it isn't there, or can't be made.
    """
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


def identity(file: Path) -> tuple[int, int]:
    """Which file it is, whatever its name is by now.

    Raises:
        StorageError: it isn't there any more.
    """
    try:
        found = file.stat()
    except OSError:
        raise StorageError("the file of the store is gone") from None
    return found.st_dev, found.st_ino
