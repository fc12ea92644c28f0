"""A line a case, whatever came of it."""

from collections.abc import Iterator

from policy_engine.cli.test.outcome import Outcome
from policy_engine.cli.test.reports.line import Line, footer
from policy_engine.harness import Result
from policy_engine.harness.running import failure_lines

__all__ = ["became", "listed"]


def listed(outcome: Outcome) -> Iterator[Line]:
    """In their order; below a failure, what is otherwise than expected."""
    for _, result in outcome.results():
        word, style = became(result), ""
        text = f"{word:<7} {result.case.id}"
        if word == "skipped":
            text, style = f"{text}  ({result.case.skip})", "yellow"
        yield text, "red" if word == "failed" else style
        for line in failure_lines(result):
            yield f"        {line}", "red"
    yield footer(outcome)


def became(result: Result) -> str:
    """What came of a case, in a word."""
    if result.decision is None:
        return "skipped"
    return "failed" if result.failures else "passed"
