"""The formats, a row each."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from policy_engine.cli.console import out, visible
from policy_engine.cli.test.options import TestFormat
from policy_engine.cli.test.outcome import Outcome
from policy_engine.cli.test.reports.github import github
from policy_engine.cli.test.reports.junit import junit
from policy_engine.cli.test.reports.line import Line
from policy_engine.cli.test.reports.listed import listed
from policy_engine.cli.test.reports.record import as_json
from policy_engine.cli.test.reports.tree import tree

__all__ = ["print_report", "write_report"]

_REPORTS: Final[Mapping[TestFormat, Callable[[Outcome], Iterator[Line]]]] = MappingProxyType(
    {
        TestFormat.text: tree,
        TestFormat.list: listed,
        TestFormat.json: as_json,
        TestFormat.junit: junit,
        TestFormat.github: github,
    }
)


def print_report(outcome: Outcome, format: TestFormat) -> None:  # noqa: A002 -- the option's name
    """On standard output; in colour if that is a terminal."""
    console = out()
    for text, style in _REPORTS[format](outcome):
        console.print(visible(text, keep="\t"), style=style)


def write_report(outcome: Outcome, format: TestFormat, file: Path) -> None:  # noqa: A002 -- the option's name
    """To a file, whose folder is made.

    Raises:
        OSError: it can't be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = (visible(text, keep="\t") + "\n" for text, _ in _REPORTS[format](outcome))
    file.write_text("".join(lines), "utf-8")
