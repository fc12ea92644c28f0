"""How a benchmark runs: by itself, as a part of all, or in a process of its own."""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.table import Row, from_lines, printed, to_line

__all__ = ["CHART", "RESULTS", "growth", "in_child", "in_fork", "resident", "run"]

Made = TypeVar("Made")

RESULTS = Path(__file__).parents[2] / "build" / "benchmarks.jsonl"
"""What `make bench` found last."""

CHART = RESULTS.with_name("performance.svg")
"""The chart of that."""

_ROWS = "--rows"
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def run(measure: Callable[..., Iterable[Row]]) -> None:
    """Be a program: measure with the numbers of the command line, and print a table.

    With `--rows FILE` rows are appended to a file, too; with `--rows -` only lines of JSON are printed.
    """
    arguments = sys.argv[1:]
    file = arguments[arguments.index(_ROWS) + 1] if _ROWS in arguments else None
    numbers = [int(argument.replace("_", "")) for argument in arguments if argument[:1].isdigit()]
    rows = list(measure(*numbers))
    if file != "-":
        print("\n".join(printed(rows)), flush=True)
    if file is not None:
        Path(file).parent.mkdir(exist_ok=True)
        with sys.stdout if file == "-" else Path(file).open("a", encoding="utf-8") as out:
            out.writelines(map(to_line, rows))


def in_child(program: str, *numbers: int) -> list[Row]:
    """Rows of a program that runs in a process of its own, so that its memory and its caches are its own."""
    command = [sys.executable, program, *map(str, numbers), _ROWS, "-"]
    return from_lines(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def in_fork(work: Callable[[], Made]) -> Made:
    """Do something in a copy of this process, and bring back only what it returns."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(writing, "wb") as out:
            pickle.dump(work(), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as source:
        made: Made = pickle.load(source)  # noqa: S301 -- of our own copy
    os.waitpid(child, 0)
    return made


def resident() -> float:
    """Megabytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MB


def growth(work: Callable[[], Made]) -> tuple[float, Made]:
    """Megabytes that it took to make something, garbage left out, and what was made."""
    gc.collect()
    before = resident()
    made = work()
    gc.collect()
    return resident() - before, made
