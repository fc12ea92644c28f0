"""One row of the tables of details."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Detail", "Details"]


@dataclass(frozen=True, slots=True)
class Detail:
    """A finer code, below one that a decision has.

    Attributes:
        meaning: what the operator reads.
        example: what such a token, message or answer looks like, in one line.
    """

    meaning: str
    example: str


Details = Mapping[str, Mapping[str, Detail]]
"""Details by code, and by their own names, which are stable like those of codes."""
