"""What becomes of open sinks when the process ends, and when it is copied."""

import atexit
import os
import weakref
from typing import Final, Protocol

__all__ = ["keep_in_mind"]


class _Sink(Protocol):
    def close(self) -> None: ...

    def forked(self) -> None: ...


_SINKS: Final[weakref.WeakSet[_Sink]] = weakref.WeakSet()


def keep_in_mind(sink: _Sink) -> None:
    """Close a sink when the process ends, and tell it when it is in a copy of the process.

    A copy has no other thread, so that a lock which one of them held there would be held for ever.
    """
    _SINKS.add(sink)


def _close_all() -> None:
    for sink in tuple(_SINKS):
        sink.close()


def _forked() -> None:
    for sink in tuple(_SINKS):
        sink.forked()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
