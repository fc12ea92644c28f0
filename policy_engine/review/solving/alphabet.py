"""The characters that solvers know, and how texts with others are handed to them all the same.

SMT-LIB's theory of strings ends at U+2FFFF and holds surrogates; Cedar's texts are Unicode: they end at
U+10FFFF, and hold none. To a formula of ours a character is only the same as another or not (`==`, `like`,
members of sets), so other characters can stand for some, as long as different ones stay different: the
surrogates, which no text of Cedar's holds, stand for those beyond.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NoReturn

from policy_engine.review.symbolic import Operator, Term

__all__ = ["Alphabet", "AlphabetError", "is_surrogate", "texts_of"]

_LAST = 0x2FFFF
_SURROGATES = range(0xD800, 0xE000)
_PRIVATE = range(0xE000, 0xF900)
"""The private use area: nobody's texts mean anything by these."""


class AlphabetError(Exception):
    """More characters than there are to stand for them, or one that is none."""


class Alphabet:
    """Which character stands for which, in one query.

    Args:
        texts: all that the query names.

    Raises:
        AlphabetError: one holds a surrogate, or they hold too many characters beyond the last.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._named = set(chain.from_iterable(texts))
        if any(map(is_surrogate, self._named)):
            raise AlphabetError("a text of the policies holds half a character (a surrogate)")
        beyond = sorted(character for character in self._named if ord(character) > _LAST)
        if len(beyond) > len(_SURROGATES):
            raise AlphabetError(f"{len(beyond)} different characters are beyond U+{_LAST:X}")
        self._stand_in = {ord(own): chr(other) for own, other in zip(beyond, _SURROGATES, strict=False)}
        self._meant = {ord(other): chr(own) for own, other in self._stand_in.items()}

    def literal(self, text: str) -> str:
        """A string literal of SMT-LIB 2.6 that every solver reads the same way: plain ASCII."""
        inner = (_escaped(character) for character in text.translate(self._stand_in))
        return '"' + "".join(inner) + '"'

    def meant(self, texts: Iterable[str]) -> Mapping[str, str]:
        """What the texts of one model stand for; texts that differ still do.

        Surrogates that stand for nothing are free choices of the solver: they become characters that neither
        the query nor the model has.

        Raises:
            AlphabetError: there are no such characters left.
        """
        told = list(texts)
        seen = set(chain.from_iterable(told))
        free = sorted(each for each in seen if is_surrogate(each) and ord(each) not in self._meant)
        unused = _unused(self._named | seen)
        table = self._meant | {ord(each): other for each, other in zip(free, unused, strict=False)}
        return {text: text.translate(table) for text in told}


def is_surrogate(character: str) -> bool:
    """Whether it is one half of a pair of UTF-16, and so no character."""
    return ord(character) in _SURROGATES


def texts_of(terms: Iterable[Term]) -> Iterator[str]:
    """The texts that terms name: constants, and the parts of patterns."""
    for each in terms:
        if each.operator is Operator.LIKE and isinstance(each.value, tuple):
            yield from (part for part in each.value if part is not None)
        elif isinstance(each.value, str):
            yield each.value


def _unused(taken: set[str]) -> Iterator[str]:
    yield from (chr(number) for number in _PRIVATE if chr(number) not in taken)
    _exhausted()


def _exhausted() -> NoReturn:
    raise AlphabetError("a model has more characters than can be written")


def _escaped(character: str) -> str:
    # A quote is doubled in SMT-LIB, and a backslash may begin an escape: numbers are clear to everyone.
    if character.isascii() and character.isprintable() and character not in '"\\':
        return character
    return f"\\u{{{ord(character):x}}}"
