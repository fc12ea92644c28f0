"""`policy-engine test --update`: what came of a case is written as what is expected of it, one by one."""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from policy_engine.cli.console import out, visible
from policy_engine.cli.test.outcome import Outcome, shown_path
from policy_engine.errors import ConfigError
from policy_engine.files import Edit, read_text, replace_file
from policy_engine.harness import Result, World
from policy_engine.harness.running import failure_lines, place_of
from policy_engine.harness.scenarios import load_scenarios
from policy_engine.harness.updating import Spots, rewritten

__all__ = ["at_terminal", "update"]


def update(outcome: Outcome, *, unasked: bool) -> bool:
    """Go through the failures, and write those that are accepted.

    Args:
        outcome: what came of the cases.
        unasked: accept all of them.

    Returns:
        Whether all failures were accepted, and could be written.

    Raises:
        ConfigError: nobody can be asked.
    """
    if not unasked and not at_terminal():
        raise ConfigError("nobody can be asked here", remedy="answer at a terminal, or accept all: --yes")
    results = [result for _, result in outcome.results()]
    accepted, done = 0, set[tuple[Path, int, int]]()
    failures = list(outcome.failures())
    placed = [place for _, result in failures if (place := place_of(result.case)) is not None]
    spots = Spots({place.file for place in placed})
    for world, result in failures:
        place = place_of(result.case)
        key = None if place is None else (place.file, place.line, place.column)
        if key in done:  # one expectation of several cases was written with the first of them
            accepted += 1
        elif _updated(world, result, spots, results, unasked=unasked):
            accepted += 1
            done |= set() if key is None else {key}
    out().print(f"{accepted} of {len(failures)} expectations are written", style="bold")
    return accepted == len(failures)


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def _updated(world: World, result: Result, spots: Spots, results: list[Result], *, unasked: bool) -> bool:
    place = place_of(result.case)
    console = out()
    if place is None:
        console.print(visible(f"{result.case.id}: it isn't known where it is written"), style="yellow")
        return False
    file = place.file
    try:
        text = read_text(file)
        edit = Edit(before=text, after=rewritten(text, spots.path(place), result, results))
    except ConfigError as error:
        console.print(visible(f"{result.case.id}: {error}"), style="yellow")
        return False
    console.print(visible(result.case.id), style="bold")
    for line in failure_lines(result):
        console.print(visible(f"  {line}"))
    for line in _shown(edit, file):
        console.print(visible(line), style={"-": "red", "+": "green"}.get(line[:1], "dim"))
    if not unasked and not typer.confirm("write it?", default=False):
        return False
    replace_file(file, edit, check=lambda written: _check(written, world))
    return True


def _check(written: Path, world: World) -> None:
    load_scenarios((written,), world)


def _shown(edit: Edit, file: Path) -> Iterator[str]:
    """The change as a diff."""
    name = shown_path(file)
    lines = difflib.unified_diff(
        edit.before.splitlines(), edit.after.splitlines(), name, name, n=0, lineterm=""
    )
    yield from (line for line in lines if not line.startswith("@@"))
