"""Failures as annotations of a pull request: GitHub's workflow commands."""

from collections.abc import Iterator

from policy_engine.cli.console import visible
from policy_engine.cli.test.outcome import Outcome, file_of, shown_path
from policy_engine.cli.test.reports.line import Line, footer
from policy_engine.harness import Result, World
from policy_engine.harness.running import failure_lines, place_of, trace_lines

__all__ = ["github"]


def github(outcome: Outcome) -> Iterator[Line]:
    """One command a failure, at the line of its expectation."""
    for world, result in outcome.failures():
        yield _command(world, result), ""
    yield footer(outcome)


def _command(world: World, result: Result) -> str:
    case, place = result.case, place_of(result.case)
    where = {"file": file_of(case)}
    if place is not None:
        where = {"file": shown_path(place.file), "line": str(place.line), "col": str(place.column)}
    title = f"{case.who.name}: {case.asked.name}"
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**where, "title": title}.items())
    text = "\n".join([*failure_lines(result), *(line for line, _ in trace_lines(world, result))])
    return f"::error {properties}::{_data(text)}"


def _data(text: str) -> str:
    """What is written so that it stays one command."""
    text = visible(text, keep="\n")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
