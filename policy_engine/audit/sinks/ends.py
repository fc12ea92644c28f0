"""How a file ends that others may have written to."""

import os
from pathlib import Path
from typing import Final

from policy_engine.audit.chain import last_hash

__all__ = ["ends_torn", "last_hash_in", "last_hash_of"]

_WINDOWS: Final = (16 * 1024, 1024 * 1024)
"""Bytes at the end of a file in which the last line is looked for; a record has a few thousand at most."""


def ends_torn(descriptor: int, size: int) -> bool:
    """Whether a file's last line has no end."""
    return size > 0 and _read(descriptor, size, 1) not in (b"\n", b"")


def last_hash_in(descriptor: int, size: int) -> bytes | None:
    """The hash of a file's last chained line, if it has one."""
    for window in _WINDOWS:
        found = last_hash(_read(descriptor, size, min(size, window)))
        if found is not None or size <= window:
            return found
    return None


def last_hash_of(path: Path) -> bytes | None:
    """The same of a file that isn't open; None if it can't be read, too."""
    try:
        with path.open("rb") as stream:
            return last_hash_in(stream.fileno(), os.fstat(stream.fileno()).st_size)
    except OSError:
        return None


def _read(descriptor: int, size: int, last: int) -> bytes:
    try:
        return os.pread(descriptor, last, size - last)
    except OSError:  # a pipe or a device has no positions, and no lines of others
        return b""
