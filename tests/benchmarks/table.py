"""What was measured, a row each, and how it is shown: in a terminal, in a file, on a page."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby

__all__ = ["Row", "cells", "from_lines", "missed", "printed", "to_line"]

HEADINGS = ("policies", "what", "measured", "ratio", "to", "target", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure.

    Attributes:
        part: what it is about; rows of one part make a table.
        what: what was measured.
        value: the figure itself.
        unit: its unit.
        policies: how many policies there were, if that says anything.
        peer: what it is compared with, measured in the same run.
        ratio: the figure as a multiple of the peer's.
        at_most: what the ratio should be at most; the figure itself, where there is no peer.
        at_least: the same, where more is better.
        line: the line of the chart that it is a point of.
    """

    part: str
    what: str
    value: float
    unit: str
    policies: int | None = None
    peer: str | None = None
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    line: str | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None if there is none."""
        figure = self.value if self.ratio is None else self.ratio
        if self.at_most is not None:
            return figure <= self.at_most
        return None if self.at_least is None else figure >= self.at_least


def to_line(row: Row) -> str:
    """A row as one line of JSON."""
    return json.dumps(asdict(row)) + "\n"


def from_lines(text: str) -> list[Row]:
    """Rows from lines of JSON."""
    return [Row(**json.loads(line)) for line in text.splitlines()]


def missed(rows: Iterable[Row]) -> list[Row]:
    """Rows whose target isn't reached."""
    return [row for row in rows if row.reached is False]


def cells(row: Row) -> tuple[str, ...]:
    """A row as texts, under `HEADINGS`."""
    return (
        "" if row.policies is None else f"{row.policies:,}",
        row.what,
        f"{_figure(row.value)} {row.unit}".rstrip(),
        "" if row.ratio is None else _figure(row.ratio),
        row.peer or "",
        _target(row),
        {None: "", True: "ok", False: "missed"}[row.reached],
    )


def printed(rows: Iterable[Row]) -> Iterator[str]:
    """Lines for a terminal: a table a part."""
    for part, of_part in groupby(rows, key=lambda row: row.part):
        lines = [HEADINGS, *map(cells, of_part)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
        yield ""
        yield part.upper()
        for line in lines:
            yield "  ".join(
                text.ljust(width) if column in LEFT else text.rjust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()


LEFT = {HEADINGS.index(name) for name in ("what", "to", "")}
"""Columns of words; the others are of figures."""


def _figure(value: float) -> str:
    """Two or three digits that count."""
    for least, places in ((100, 0), (10, 1), (0.1, 2), (0.01, 3)):
        if abs(value) >= least:
            return f"{value:,.{places}f}"
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _target(row: Row) -> str:
    if row.at_most is not None:
        return f"≤ {row.at_most:g}"
    return "" if row.at_least is None else f"≥ {row.at_least:g}"
