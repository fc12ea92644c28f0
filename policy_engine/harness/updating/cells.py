"""Tables in scenario files: one cell replaced, its column kept as wide as it is where that will do."""

from collections.abc import Callable

from policy_engine.errors import ConfigError

__all__ = ["with_cell"]


def with_cell(text: str, table: str, row: str, column: str, new: Callable[[str], str]) -> str:
    """A file's text with another cell in a table of it.

    Args:
        text: the file.
        table: the table, as it is read from the file: its lines are looked for there.
        row: what the row begins with.
        column: what the column has on top.
        new: makes the cell of what it held.

    Raises:
        ConfigError: there is no such cell, or its line is in the file more than once.
    """
    lines = [line.strip() for line in table.splitlines() if "|" in line]
    head = _cells(lines[0]) if lines else []
    found = [line for line in lines[1:] if row in {cell.strip() for cell in _cells(line)[:2]}]
    names = [cell.strip() for cell in head]
    if column not in names or len(found) != 1:
        raise ConfigError("the cell isn't found in the table", remedy="write it yourself")
    cells = _cells(found[0])
    at = names.index(column)
    said = new(cells[at].strip())
    cells[at] = f" {said} ".ljust(len(cells[at]))
    written = text.split("\n")
    places = [number for number, line in enumerate(written) if line.strip() == found[0]]
    if len(places) != 1:
        raise ConfigError("the row is in the file more than once", remedy="write it yourself")
    (number,) = places
    written[number] = written[number].replace(found[0], "|".join(cells).strip())
    return "\n".join(written)


def _cells(line: str) -> list[str]:
    return line.split("|")
