"""Lines of a descriptor, and of no more bytes than may be held."""

import os
import threading
from collections.abc import Iterator
from typing import Final

__all__ = ["Pen", "lines"]

_CHUNK: Final = 65_536


def lines(descriptor: int, most: int) -> Iterator[bytes | None]:
    """Each line without its end, as soon as it is there; None for one that is longer than `most` bytes.

    What comes behind the last line end counts as a line. Read with `os.read`: a thread that waits here may be
    left waiting when the program ends.
    """
    held = bytearray()
    skips = False
    while chunk := os.read(descriptor, _CHUNK):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            if not skips and len(held) + len(part) <= most:
                yield bytes(held) + part
            elif not skips:
                yield None
            held.clear()
            skips = False
        if not skips:
            held += rest
            if len(held) > most:
                held.clear()
                skips = True
                yield None
    if held:
        yield bytes(held)


class Pen:
    """Writes whole lines to a descriptor, for several threads."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._open = True

    def write(self, line: bytes) -> None:
        """Write a line.

        Raises:
            OSError: nobody reads any more.
        """
        with self._lock:
            if not self._open:
                raise BrokenPipeError
            left = memoryview(line + b"\n")
            while left:
                left = left[os.write(self._descriptor, left) :]

    def close(self, *, seconds: float = -1) -> None:
        """Tell the reader that nothing more will come.

        Args:
            seconds: how long another thread may go on writing before it is left alone; -1 for as long as it
                takes.
        """
        if not self._lock.acquire(timeout=seconds):
            return
        try:
            if self._open:
                self._open = False
                os.close(self._descriptor)
        finally:
            self._lock.release()
