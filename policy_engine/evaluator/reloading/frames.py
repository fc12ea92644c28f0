"""What two processes tell each other through pipes: pieces of bounded size, of plain values on the way back.

What a child sends is read without making objects of any class, so that whatever it is, nothing of it runs.
"""

import copyreg
import io
import pickle
import struct
from collections.abc import Iterator
from types import MappingProxyType
from typing import IO, Any

__all__ = ["frame", "plain_frames", "whole_frames"]

_LENGTH = struct.Struct(">Q")

_MOST = 1 << 30
"""Bytes of one piece at most: it is policies that fill one, and their sources were read into memory."""


def _proxy(rows: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(rows)


class _Writer(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table.copy()
    dispatch_table[MappingProxyType] = lambda proxy: (_proxy, (dict(proxy),))


class _PlainReader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 -- as its base does
        raise pickle.UnpicklingError(f"{module}.{name} in an answer")


def frame(value: object) -> bytes:
    """A value as a piece."""
    text = io.BytesIO()
    _Writer(text, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    written = text.getvalue()
    return _LENGTH.pack(len(written)) + written


def plain_frames(pipe: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """The pieces that a child sends, up to the end of the pipe.

    Raises:
        ValueError: what comes is no such piece.
    """
    for text in _pieces(pipe):
        try:
            value = _PlainReader(io.BytesIO(text)).load()
        except Exception as error:  # the reader raises whatever garbage leads it to
            raise ValueError("not a piece of an answer") from error
        if not isinstance(value, tuple) or not value:
            raise ValueError("not a piece of an answer")
        yield value


def whole_frames(pipe: IO[bytes]) -> Iterator[Any]:
    """The pieces that the parent sends, who is trusted with everything."""
    for text in _pieces(pipe):
        yield pickle.loads(text)  # noqa: S301 -- written by the process that started this one


def _pieces(pipe: IO[bytes]) -> Iterator[bytes]:
    while head := pipe.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            raise ValueError("a piece ends early")
        (length,) = _LENGTH.unpack(head)
        if length > _MOST:
            raise ValueError("a piece is too large")
        text = pipe.read(length)
        if len(text) < length:
            raise ValueError("a piece ends early")
        yield text
