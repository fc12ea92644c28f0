"""Failures as a tree: file, groups, principal, call; and below each, why."""

from collections.abc import Iterator
from typing import Final

from policy_engine.cli.test.outcome import Outcome, file_of
from policy_engine.cli.test.reports.line import STYLES, Line, footer
from policy_engine.harness import Case
from policy_engine.harness.running import failure_lines, trace_lines

__all__ = ["tree"]

_STEP: Final = "  "


def tree(outcome: Outcome) -> Iterator[Line]:
    """Nothing of what passed; reasons of what was skipped."""
    above: tuple[str, ...] = ()
    for world, result in outcome.failures():
        path = _path(result.case)
        same = next((n for n, pair in enumerate(zip(above, path, strict=False)) if pair[0] != pair[1]), 0)
        for depth in range(same, len(path)):
            yield _STEP * depth + path[depth], "bold"
        inner = _STEP * len(path)
        yield f"{inner}{result.case.asked.name}  FAILED", "bold red"
        for text in failure_lines(result):
            yield f"{inner}{_STEP}{text}", "red"
        for text, style in trace_lines(world, result):
            yield f"{inner}{_STEP}{text}".rstrip(), STYLES[style]
        yield "", ""
        above = path
    for _, result in outcome.results():
        if result.case.skip is not None:
            yield f"skipped: {result.case.id}: {result.case.skip}", "yellow"
    yield footer(outcome)


def _path(case: Case) -> tuple[str, ...]:
    return (file_of(case), *case.group, case.who.name)
