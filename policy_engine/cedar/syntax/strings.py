"""Texts between quotes: what their escapes mean, and how to write them."""

import re

from policy_engine.cedar.syntax.tree import WILDCARD

__all__ = ["EscapeError", "pattern_of", "quoted", "quoted_pattern", "text_of"]

_PIECE = re.compile(
    r"""
    (?P<plain>[^\\\r*]+|\*)
  | \\(?P<simple>["'\\nrt0])
  | \\x(?P<byte>[0-7][0-9A-Fa-f])
  | \\u\{(?P<code>[0-9A-Fa-f][0-9A-Fa-f_]*)\}
  | (?P<star>\\\*)
    """,
    re.VERBOSE,
)
_SIMPLE = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_WRITTEN = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_MOST_DIGITS = 6
_LAST_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class EscapeError(ValueError):
    """A text holds what Cedar can't read.

    Args:
        offset: where, counted from the character after the opening quote.
        problem: what is wrong.
        remedy: how to mend it.
    """

    def __init__(self, offset: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.offset = offset
        self.problem = problem
        self.remedy = remedy


def text_of(inner: str) -> str:
    """What is meant by the characters between two quotes.

    Raises:
        EscapeError: not an escape that Cedar knows.
    """
    if "\\" not in inner and "\r" not in inner:
        return inner
    return "".join(text for text, _ in _pieces(inner, stars=False))


def pattern_of(inner: str) -> tuple[str | None, ...]:
    r"""The same after `like`, where `*` is the wildcard and `\*` a star.

    Raises:
        EscapeError: not an escape that Cedar knows.
    """
    pattern: list[str | None] = []
    for text, literal in _pieces(inner, stars=True):
        if text == "*" and not literal:
            pattern.append(WILDCARD)
        elif pattern and pattern[-1] is not WILDCARD:
            pattern[-1] += text
        else:
            pattern.append(text)
    return tuple(pattern)


def quoted(text: str) -> str:
    """A text as it is written in a policy, quotes included."""
    return f'"{_escaped(text)}"'


def quoted_pattern(pattern: tuple[str | None, ...]) -> str:
    """A pattern as it is written in a policy, quotes included."""
    pieces = ("*" if piece is WILDCARD else _escaped(piece).replace("*", "\\*") for piece in pattern)
    return f'"{"".join(pieces)}"'


def _escaped(text: str) -> str:
    return "".join(map(_escaped_char, text))


def _escaped_char(char: str) -> str:
    if char in _WRITTEN:
        return _WRITTEN[char]
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def _pieces(inner: str, *, stars: bool) -> list[tuple[str, bool]]:
    """Texts, and whether a star in them is but a star."""
    pieces: list[tuple[str, bool]] = []
    position = 0
    while position < len(inner):
        match = _PIECE.match(inner, position)
        if match is None or (match["star"] and not stars):
            raise EscapeError(position, *_problem(inner, position))
        # Cedar takes even a star that is written by its number for the wildcard.
        pieces.append((_meant(match, position), match["star"] is not None))
        position = match.end()
    return pieces


def _meant(match: re.Match[str], position: int) -> str:
    if match["plain"]:
        return match["plain"]
    if match["simple"]:
        return _SIMPLE[match["simple"]]
    if match["star"]:
        return "*"
    digits = match["byte"] or match["code"].replace("_", "")
    code = int(digits, 16)
    if len(digits) > _MOST_DIGITS or code > _LAST_CODE or code in _SURROGATES:
        raise EscapeError(position, f"`{match[0]}` is no character of Unicode", "the last is `\\u{10FFFF}`")
    return chr(code)


def _problem(inner: str, position: int) -> tuple[str, str]:
    if inner[position] == "\r":
        return "a text can't hold a carriage return as it is", "write `\\r`, and `\\n` for a new line"
    if inner[position + 1] == "*":
        return "`\\*` is for patterns, after `like`", "write `*`"
    remedy = "a backslash is written `\\\\`, and any character by its number `\\u{…}`"
    return f"`{inner[position : position + 2]}` doesn't begin an escape that Cedar knows", remedy
