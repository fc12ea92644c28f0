"""A matrix that is written as a table: a row for each principal, a column for each call.

It is text in the file, so the places of its cells are looked for there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.harness.cases import Origin
from policy_engine.harness.scenarios.spot import Spot

__all__ = ["Cell", "Heading", "Table", "read_table"]

_RULE: Final = frozenset("-:=+ ")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands at the beginning of a row or at the top of a column."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands where a row and a column meet."""

    who: str
    asked: str
    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        rows: principals, by the word in the corner.
        columns: calls.
        cells: row by row.
    """

    rows: tuple[Heading, ...]
    columns: tuple[Heading, ...]
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class _Line:
    """One line of the table: its parts, each with its place."""

    origin: Origin
    parts: list[Heading] = field(default_factory=list)


def read_table(text: str, spot: Spot) -> Table:
    """Read a table: lines of cells with `|` between them; a line of dashes is passed over.

    Raises:
        ConfigError: it has no row or no column, or a row has more or fewer cells than the first.
    """
    lines = list(_lines(text, spot))
    if len(lines) < 2 or len(lines[0].parts) < 2:  # noqa: PLR2004 -- a heading and a row
        remedy = "write a line with the calls, and a line for each principal, with `|` between cells"
        raise spot.error("the table has no rows, or no columns", remedy)
    head, *body = lines
    columns = tuple(head.parts[1:])
    cells: list[Cell] = []
    for line in body:
        who, *found = line.parts
        if len(found) != len(columns):
            raise _at(
                line.origin,
                f"calls in the first line: {len(columns)}; cells in this one: {len(found)}",
                "write a cell for each call; an empty one is a denial",
            )
        cells += [
            Cell(who.text, column.text, part.text, part.origin)
            for column, part in zip(columns, found, strict=True)
        ]
    rows = tuple(line.parts[0] for line in body)
    for heading in (*rows, *columns):
        if not heading.text:
            raise _at(heading.origin, "a row or a column of the table has no name", "name each")
    for several, what in ((rows, "row"), (columns, "column")):
        seen: set[str] = set()
        for heading in several:
            if heading.text in seen:
                raise _at(heading.origin, f"the {what} `{heading.text}` is there twice", "keep one")
            seen.add(heading.text)
    return Table(rows, columns, tuple(cells))


def _lines(text: str, spot: Spot) -> Iterator[_Line]:
    written = _written(spot)
    last = spot.origin.line  # the key's own line; the text begins below it
    closed: bool | None = None
    for line in text.splitlines():
        bare = line.strip()
        if not bare or set(bare.replace("|", "")) <= _RULE:
            continue
        if closed is None:
            # Headings aren't empty, so the first line alone says whether strokes stand at the ends of lines.
            closed = bare.endswith("|")
        number = next((n for n in range(last, len(written)) if written[n].strip() == bare), None)
        last = last if number is None else number + 1
        yield _placed(bare, None if number is None else written[number], last, spot, closed=closed)


def _placed(bare: str, written: str | None, number: int, spot: Spot, *, closed: bool) -> _Line:
    """The parts of a line; each is where the line is if the text isn't in the file as it was read."""
    found = _Line(spot.origin if written is None else Origin(spot.file, number, written.index(bare) + 1))
    column = found.origin.column + (closed and bare.startswith("|"))
    for part in (bare.removeprefix("|").removesuffix("|") if closed else bare).split("|"):
        inner = len(part) - len(part.lstrip()) if part.strip() else 0
        place = spot.origin if written is None else Origin(spot.file, number, column + inner)
        found.parts.append(Heading(part.strip(), place))
        column += len(part) + 1
    return found


def _written(spot: Spot) -> list[str]:
    try:
        return spot.file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _at(origin: Origin, problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, file=origin.file, line=origin.line, column=origin.column)
