"""Whole-string patterns: literal text with holes, matched without backtracking.

`<connection>|<id>` is two holes around a bar; a hole stands for one or more printable characters, and
`<grant:ac|ro>` for exactly one of the words named. Names of holes are for the reader alone.

Regular expressions would do, but two holes in one cost quadratic time and four cost seconds, on text that a
stranger may have chosen. Here a hole just means "later": every word is sought from the earliest place where
the part before it can end, so the work is the length of the text times the number of words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Pattern"]

_PART = re.compile(r"<(?P<name>[a-z_]+)(?::(?P<words>[^<>]*))?>|(?P<text>[^<>]+)")


@dataclass(frozen=True, slots=True)
class _Step:
    """One of some words, right here or, after a hole, one or more characters on."""

    words: tuple[str, ...]
    after_hole: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern over a whole string.

    Attributes:
        source: how it was written.
        steps: what must follow what.
        open_end: whether it ends in a hole.
    """

    source: str
    steps: tuple[_Step, ...]
    open_end: bool

    @classmethod
    def parse(cls, source: str) -> "Pattern":
        """Read a pattern.

        Raises:
            ValueError: it isn't one, or it has no text of its own: it would match anything.
        """
        steps: list[_Step] = []
        hole = False
        for part in _parts(source):
            if part is None and hole:
                raise ValueError("two holes side by side; put the text between them that tells them apart")
            if part is not None:
                steps.append(_Step(part, hole))
            hole = part is None
        if not steps:
            raise ValueError("a pattern without text of its own matches everything")
        return cls(source, tuple(steps), hole)

    def matches(self, text: str) -> bool:
        """Whether the whole of a text is as the pattern says; never if it holds unprintable characters."""
        if not text.isprintable():
            return False
        ends = {0}
        for step in self.steps:
            if step.after_hole:
                start = min(ends) + 1
                ends = {at + len(word) for word in step.words for at in _places(word, text, start)}
            else:
                ends = {at + len(word) for at in ends for word in step.words if text.startswith(word, at)}
            if not ends:
                return False
        return min(ends) < len(text) if self.open_end else len(text) in ends


def _parts(source: str) -> Iterator[tuple[str, ...] | None]:
    """The words allowed at each part of a pattern; None for a hole."""
    end = 0
    while end < len(source):
        part = _PART.match(source, end)
        if part is None:
            raise ValueError("a hole is written `<name>` or `<name:one|other>`, its name in small letters")
        end = part.end()
        if part["text"] is not None:
            yield (part["text"],)
        elif part["words"] is None:
            yield None
        else:
            words = tuple(part["words"].split("|"))
            if "" in words:
                raise ValueError(f"the hole `{part['name']}` has an empty choice")
            yield words


def _places(word: str, text: str, start: int) -> Iterator[int]:
    at = text.find(word, start)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)
