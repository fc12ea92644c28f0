"""What a worker owes to the process that started it: to end with it."""

import os
import signal
import threading
import time
from typing import Final

__all__ = ["end_with"]

_LOOK_SECONDS: Final = 1.0


def end_with(parent: int) -> None:
    """End when a process is gone, however that came: the port is to be free then."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
