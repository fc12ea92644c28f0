"""How far proofs are, on a terminal; nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from policy_engine.review import Progress as Told

__all__ = ["steps_shown"]

_PAUSE: Final = 0.05
"""Seconds between two looks at the bar."""


@contextmanager
def steps_shown(console: Console | None = None) -> Iterator[Told | None]:
    """What is told of each step, and shows it on standard error; None where nobody would see it."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        drawn = 0.0

        def told(done: int, total: int, what: str) -> None:
            nonlocal drawn
            if done in (0, total) or monotonic() - drawn > _PAUSE:
                drawn = monotonic()
                bar.update(task, completed=done, total=total, description=what)

        yield told
