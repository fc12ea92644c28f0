"""Lines of a policy, with carets under the parts that something is said of."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from policy_engine.cedar import Span
from policy_engine.evaluator.explanation.views.plain import plain

__all__ = ["Remark", "quoted"]

_WIDEST, _BEFORE = 100, 24
"""Characters of a line that are shown, and how many of them before what is marked, where a line is longer."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of a part of a policy.

    Attributes:
        text: what is said, on one line.
        span: of which part; offsets count from the beginning of the policy's text.
    """

    text: str
    span: Span


def quoted(text: str, remarks: Iterable[Remark]) -> Iterator[tuple[str, bool]]:
    """The lines that remarks are about, and under each its remarks.

    Args:
        text: the policy.
        remarks: in any order; a part that goes over several lines is marked in its first.

    Yields:
        A line, and whether it is a remark.
    """
    ordered = sorted(remarks, key=lambda remark: remark.span.start)
    width = max((len(str(remark.span.line)) for remark in ordered), default=0)
    for number, group in groupby(ordered, key=lambda remark: remark.span.line):
        together = list(group)
        start = text.rfind("\n", 0, together[0].span.start) + 1
        line = text[start:].split("\n", 1)[0].rstrip("\r")
        for shown in [together] if len(line) <= _WIDEST else [[remark] for remark in together]:
            yield from _marked(line, start, shown, f"{number:>{width}} | ")


def _marked(line: str, start: int, remarks: Sequence[Remark], margin: str) -> Iterator[tuple[str, bool]]:
    first = remarks[0].span.start - start
    cut = max(0, first - _BEFORE) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    clean = plain(shown)
    left, right = ("…" if cut else ""), ("…" if cut + _WIDEST < len(line) else "")
    yield f"{margin}{left}{clean}{right}", False
    for remark in remarks:
        begin = remark.span.start - start - cut
        marked = clean[begin : remark.span.end - start - cut]
        indent = " " * (len(margin) + len(left) + _columns(clean[:begin]))
        yield f"{indent}{'^' * max(1, _columns(marked))} {remark.text}", True


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
