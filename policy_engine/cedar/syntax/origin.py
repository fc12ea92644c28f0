"""Where a policy's text stands in its file: offsets in the one → places in the other."""

import re
from bisect import bisect_right

from policy_engine.cedar.syntax.tree import Span
from policy_engine.errors import PolicyError

__all__ = ["Origin"]

_LONGEST = 400
"""Names have no limit; sentences have."""


class Origin:
    """A text, and where its first character stands.

    Args:
        text: one policy.
        file: where it is written, if in a file.
        offset: characters before it.
        line: 1-based.
        column: 1-based.
    """

    def __init__(self, text: str, *, file: str | None, offset: int, line: int, column: int) -> None:
        self.text = text
        self.file = file
        self.offset = offset
        self.line = line
        self.column = column
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a character of the text."""
        index = bisect_right(self._lines, at) - 1
        column = at - self._lines[index] + 1
        return self.line + index, column if index else column + self.column - 1

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets in the text."""
        line, column = self.place(start)
        return Span(self.offset + start, self.offset + end, line, column)

    def error(self, at: int, problem: str, remedy: str) -> PolicyError:
        """What is wrong at a character of the text."""
        line, column = self.place(at)
        return PolicyError(
            _shortened(problem),
            remedy=_shortened(remedy),
            file=self.file,
            line=line,
            column=column,
            code="policy_syntax",
        )


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"
