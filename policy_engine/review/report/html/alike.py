"""Rows that nothing of the matrix tells apart, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from policy_engine.review.access import Access, Row

__all__ = ["Alike", "alike"]

_AT_LEAST: Final = 3
"""Fewer stay as they are."""

_NAMED: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """One or more rows in which every cell is the same.

    Attributes:
        numbers: theirs; never empty.
        rows: the same rows.
    """

    numbers: tuple[int, ...]
    rows: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """The one that stands for all."""
        return self.rows[0]

    @property
    def also(self) -> str:
        """The others, in a few words; empty if there are none."""
        others = [row.label for row in self.rows[1:]]
        if not others:
            return ""
        more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
        return f"and alike: {', '.join(others[:_NAMED])}{more}"


def alike(access: Access, numbers: Sequence[int]) -> list[Alike]:
    """Some rows, those that are alike together; the kinds themselves always stand alone."""
    together: dict[object, list[int]] = {}
    for number in numbers:
        row = access.rows[number]
        key = row.id if row.whole else (row.kind, access.grid[number])
        together.setdefault(key, []).append(number)
    groups = [
        part
        for group in together.values()
        for part in ([group] if len(group) >= _AT_LEAST else [[number] for number in group])
    ]
    return [
        Alike(numbers=tuple(group), rows=tuple(access.rows[number] for number in group))
        for group in sorted(groups)
    ]
