"""What was found of an audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

__all__ = ["PROBLEMS", "ChainReport", "Note", "Place", "Problem", "Report"]

PROBLEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "changed": "what a line holds isn't what was hashed",
        "head_missing": "no line has the head that was kept elsewhere",
        "inserted": "a line has a number that its chain has already, or isn't part of it",
        "missing": "lines of a chain aren't there",
        "out_of_order": "a line stands elsewhere than it was written",
        "signature": "a checkpoint isn't signed by the key, or signs something else",
        "tie_missing": "the line that a line comes after isn't there",
        "unchained": "a line that is no part of a chain stands behind one that is",
        "unsigned": "nothing of a chain is signed, or too little",
    }
)
"""Kinds of problems."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file, from 1; `index` is the file's place among those that were read."""

    index: int
    file: Path
    line: int

    def __str__(self) -> str:
        """`file:line`, which editors and terminals make clickable."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that isn't as it was written.

    Attributes:
        place: the line; None where it is of no line.
        kind: a key of `PROBLEMS`.
        says: one sentence.
        chain: the chain's id, if it is of one.
    """

    place: Place
    kind: str
    says: str
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a reader should know, and that proves nothing."""

    place: Place
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """One chain.

    Attributes:
        id: its id.
        first: its first line here.
        last: its last line here.
        first_seq: the number of the first.
        lines: how many there are here.
        head: the hash of the last one, in hexadecimal.
        seq: the number of the last one.
        signed_seq: the last number that a checkpoint stands for; 0 if nothing is signed.
        signed_at: when that was signed, in seconds since the epoch.
    """

    id: str
    first: Place
    last: Place
    first_seq: int
    lines: int
    head: str
    seq: int
    signed_seq: int = 0
    signed_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything.

    Attributes:
        files: what was read, in its order.
        lines: how many lines there were.
        chains: in the order of their first lines.
        problems: in the order of the files.
        notes: likewise.
        signatures: whether signatures were checked.
    """

    files: tuple[Path, ...]
    lines: int
    chains: tuple[ChainReport, ...] = field(default=())
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[Note, ...] = field(default=())
    signatures: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing was found that isn't as it was written."""
        return not self.problems
