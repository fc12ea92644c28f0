"""A log that is being written, followed from file to file."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from policy_engine.audit.reading.records import Recorded, recorded

__all__ = ["follow", "last_records"]


def last_records(
    files: list[Path], count: int, asked: Callable[[Recorded], bool] = lambda _record: True
) -> list[Recorded]:
    """The last decisions of some files for which something holds, in their order."""
    found: deque[Recorded] = deque(maxlen=count)
    for file in reversed(files):
        with file.open("rb") as stream:
            records = (record for record in map(recorded, stream) if record is not None)
            kept = deque(filter(asked, records), maxlen=count)
        found.extendleft(islice(reversed(kept), count - len(found)))
        if len(found) == count:
            break
    return list(found)


def follow(path: Path, pause: Callable[[], bool]) -> Iterator[Recorded]:
    """Decisions that are recorded from now on, in this file and those that take its place.

    Args:
        path: the file; it needn't be there yet.
        pause: waits a little; false ends it.
    """
    stream = _opened(path)
    if stream is not None:
        stream.seek(0, os.SEEK_END)
    try:
        while True:
            replaced = stream is None or not _is_at(stream, path)
            if stream is not None:
                yield from _new(stream)  # after looking: what came before the file was moved is read
            if replaced:
                following = _opened(path)
                if following is not None:
                    if stream is not None:
                        stream.close()
                    stream = following
                    continue
            if not pause():
                return
    finally:
        if stream is not None:
            stream.close()


def _new(stream: BinaryIO) -> Iterator[Recorded]:
    """Whole lines that came; half of one is left for later."""
    if os.fstat(stream.fileno()).st_size < stream.tell():
        stream.seek(0)
    while True:
        at = stream.tell()
        line = stream.readline()
        if not line.endswith(b"\n"):
            stream.seek(at)
            return
        found = recorded(line)
        if found is not None:
            yield found


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _is_at(stream: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False
