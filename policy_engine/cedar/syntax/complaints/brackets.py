"""Brackets without a partner: often the true reason why a word further on makes no sense."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from lark import Token

__all__ = ["open_brackets", "partner_of", "unpaired"]

_OPENING: Mapping[str, str] = MappingProxyType({"(": ")", "[": "]", "{": "}"})
_CLOSING = frozenset(_OPENING.values())


def partner_of(bracket: str) -> str:
    """What closes an opening bracket."""
    return _OPENING[bracket]


def open_brackets(words: Iterable[Token]) -> list[Token]:
    """The brackets that are open after some words, the innermost last."""
    still_open: list[Token] = []
    for word in words:
        if word in _OPENING:
            still_open.append(word)
        elif word in _CLOSING and still_open and partner_of(still_open[-1]) == word:
            still_open.pop()
    return still_open


def unpaired(words: Sequence[Token], read: int, *, whole: bool) -> Token | None:
    """The bracket that is to blame, if one is.

    Args:
        words: those of the whole policy.
        read: how many of them make sense; the next doesn't.
        whole: whether they are all: after a character that isn't Cedar's, nothing is known.
    """
    still_open = open_brackets(words[:read])
    refused = words[read] if read < len(words) else None
    if refused is not None and refused in _CLOSING:
        closable = [partner_of(bracket) for bracket in still_open]
        if refused not in closable:
            return refused
        return still_open[-1] if closable[-1] != refused else None
    if not whole or not still_open or _is_closed(still_open, words[read:]):
        return None
    return still_open[-1]


def _is_closed(still_open: list[Token], rest: Sequence[Token]) -> bool:
    """Whether the innermost open bracket meets its partner before any other bracket does."""
    depth = 0
    for word in rest:
        if word in _OPENING:
            depth += 1
        elif word in _CLOSING and depth:
            depth -= 1
        elif word in _CLOSING:
            return bool(partner_of(still_open[-1]) == word)
    return False
