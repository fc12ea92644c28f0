"""What the process does that checks policies; nothing else imports this."""

import gc
import os
import sys
from typing import Any

from policy_engine.evaluator.reloading.frames import frame, whole_frames
from policy_engine.evaluator.reloading.work import READY, found_in

__all__ = ["main"]

_NICER = 10
"""Whoever decides comes first."""


def main(output: int) -> None:
    """Check what comes from standard input, and say on a pipe what was found.

    Args:
        output: the pipe; standard output is nobody's, whatever is printed there.
    """
    if sys.platform != "win32":
        os.nice(_NICER)
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)  # it lives for seconds, and what it makes has hardly a cycle
    with os.fdopen(output, "wb") as pipe:

        def say(value: tuple[Any, ...]) -> None:
            pipe.write(frame(value))

        say(READY)
        pipe.flush()
        try:
            for piece in found_in(whole_frames(sys.stdin.buffer)):
                say(piece)
        except Exception as error:  # noqa: BLE001 -- the outermost handler
            say(("failed", type(error).__name__))  # its text may quote a policy
