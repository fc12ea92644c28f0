"""How far it has come, on a terminal; nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from policy_engine.harness import Result
from policy_engine.harness.running import Progress as Told

__all__ = ["progress_of"]

_PAUSE: Final = 0.05
"""Seconds between two looks at the bar: drawing costs more than deciding."""


@contextmanager
def progress_of(number: int, console: Console | None = None) -> Iterator[Told | None]:
    """What is told of each result, and shows it on standard error; None where nobody would see it."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=number)
        done = failed = 0
        drawn = monotonic()

        def told(result: Result) -> None:
            nonlocal done, failed, drawn
            done += 1
            failed += bool(result.failures)
            if monotonic() - drawn > _PAUSE:
                drawn = monotonic()
                bar.update(task, completed=done, description=f"{failed} failed" if failed else "")

        yield told
