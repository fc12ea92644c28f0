"""SIGHUP, by which servers are told to load their configuration anew."""

import signal
from collections.abc import Callable
from types import FrameType

from policy_engine.engine.reloading.watcher import PolicyWatcher

__all__ = ["heed_sighup"]


def heed_sighup(watcher: PolicyWatcher) -> Callable[[], None]:
    """Have SIGHUP ask a watcher to load everything anew; of the main thread only.

    Where an event loop serves, `loop.add_signal_handler(signal.SIGHUP, watcher.request)` does the same.

    Returns:
        What undoes it. Where there is no such signal (Windows), neither does anything.

    Raises:
        ValueError: this isn't the main thread.
    """
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        return lambda: None

    def heed(_number: int, _frame: FrameType | None) -> None:
        watcher.request()

    before = signal.signal(number, heed)

    def undo() -> None:
        signal.signal(number, signal.SIG_DFL if before is None else before)

    return undo
