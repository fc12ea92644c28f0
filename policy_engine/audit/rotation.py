"""Files that grew too large: moved aside by one process, the oldest of them removed."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

__all__ = ["Rotation", "file_before", "followed", "move_aside", "rotated_files"]

_TIME: Final = "%Y%m%dT%H%M%S.%fZ"
_NAMED: Final = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-[A-Za-z0-9_-]{11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a file is moved aside, and how many are kept.

    Attributes:
        size: in bytes; the first record that comes when it is as large goes into a new file.
        keep: files besides the one that is written to.
    """

    size: int
    keep: int = 10


def followed(path: Path) -> Path:
    """The file that a link names: moving the link aside would leave the file where it is."""
    return path.resolve() if path.is_symlink() else path


def rotated_files(path: Path) -> list[Path]:
    """Those that were moved aside, oldest first; by their names, so that copies may have any time."""
    path = followed(path)
    prefix = f"{path.name}."
    try:
        with os.scandir(path.parent) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name.startswith(prefix)
                and _NAMED.fullmatch(entry.name, len(prefix))
                and entry.is_file(follow_symlinks=False)
            )
    except OSError:
        return []
    return [path.with_name(name) for name in names]


def file_before(path: Path) -> Path | None:
    """The file that a new one goes on from: the last that was moved aside, or what logrotate calls `.1`."""
    rotated = rotated_files(path)
    if rotated:
        return rotated[-1]
    other = path.with_name(f"{path.name}.1")
    return other if other.is_file() else None


def move_aside(path: Path, chain: str, now: float, keep: int) -> None:
    """Give a file the name of a rotated one, and remove the oldest ones; for whoever holds its lock.

    Args:
        path: the file.
        chain: the chain of whoever moves it, so that two who do it at once never choose the same name.
        now: seconds since the epoch; a clock that went back gives a later name all the same.
        keep: how many are kept.

    Raises:
        OSError: it can't be moved.
    """
    before = rotated_files(path)
    at = datetime.fromtimestamp(now, UTC)
    if before and (found := _NAMED.fullmatch(before[-1].name, len(path.name) + 1)):
        at = max(at, datetime.strptime(found[1], _TIME).replace(tzinfo=UTC) + timedelta(microseconds=1))
    target = path.with_name(f"{path.name}.{at.strftime(_TIME)}-{chain}")
    path.rename(target)
    files = [*before, target]
    for old in files[: max(0, len(files) - keep)]:
        with suppress(OSError):  # somebody else removed it, or it stays
            old.unlink()
