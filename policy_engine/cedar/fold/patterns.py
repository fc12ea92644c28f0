"""`like`: texts with `*` for any characters."""

from collections.abc import Iterable

__all__ = ["matches"]


def matches(pattern: Iterable[str | None], text: str) -> bool:
    """Whether a text is of a pattern: texts and `WILDCARD`s in turn.

    Takes the first place that each part fits; no later one could do better, so nothing is tried twice.
    """
    parts = [""]
    for piece in pattern:
        if piece is None:
            parts.append("")
        else:
            parts[-1] += piece
    first, *others = parts
    if not others:
        return text == first
    last = others.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in others:
        place = text.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True
