"""A line of a report, and how the parts of one are set off."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.cli.test.outcome import Outcome
from policy_engine.evaluator import Style

__all__ = ["STYLES", "Line", "footer"]

Line = tuple[str, str]
"""Text, and a style of rich's; without it, the line says the same."""

STYLES: Final[Mapping[Style, str]] = MappingProxyType(
    {"yes": "green", "no": "red", "heading": "bold", "remark": "yellow", "dim": "dim", "": ""}
)


def footer(outcome: Outcome) -> Line:
    """The last line."""
    return outcome.footer(), "bold red" if outcome.failed else "bold green"
