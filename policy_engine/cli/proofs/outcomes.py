"""What comes of proofs: lines on a terminal, and an exit status."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.cli.console import EXIT_DENY, EXIT_UNKNOWN, EXIT_YES, out, visible
from policy_engine.review import Outcome
from policy_engine.review.report import Line

__all__ = ["STATUS", "print_lines"]

STATUS: Final[Mapping[Outcome, int]] = MappingProxyType(
    {Outcome.proved: EXIT_YES, Outcome.violated: EXIT_DENY, Outcome.unknown: EXIT_UNKNOWN}
)
"""Exit statuses."""

_STYLES: Final = MappingProxyType(
    {
        "violated": "bold red",
        "unknown": "yellow",
        "remark": "yellow",
        "proved": "green",
        "heading": "bold",
        "dim": "dim",
    }
)


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines, each in its style."""
    console = out()
    for text, style in lines:
        console.print(visible(text), style=_STYLES.get(style, ""))
