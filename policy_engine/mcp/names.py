"""When two names are so alike that some reader takes one for the other.

Go's JSON decoder matches members without regard to case, and servers normalise Unicode: a message with `Name`
beside `name` would be decided on for one tool and run another.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

__all__ = ["LONGEST_NAME", "fold", "folded", "lookalike", "recognised"]

LONGEST_NAME = 2_000
"""Characters of the name of something that is listed; the specification recommends 128 at most."""

_SHRINKS = 8
"""How many times longer than its folded form a name may be: composition takes a few marks into one letter."""


def fold(name: str) -> str:
    """The form in which lookalikes are equal: NFKC, then case folding.

    Normalising takes time that grows with the square of a name's length: one of a million combining marks
    would hold the process for minutes. So whoever asks bounds the name first.
    """
    if name.isascii():
        return name.lower()  # the same, of these letters
    return unicodedata.normalize("NFKC", name).casefold()


def folded(names: Iterable[str]) -> Mapping[str, str]:
    """Names by their folded form."""
    return MappingProxyType({fold(name): name for name in names})


def lookalike(names: Iterable[str], known: Mapping[str, str]) -> str | None:
    """The known name that one of `names` imitates without being it; `known` is by folded form."""
    return next((twin for name, twin in _found(names, known) if twin != name), None)


def recognised(names: Iterable[str], known: Mapping[str, str]) -> frozenset[str]:
    """The known names that some of `names` are, or imitate; `known` is by folded form."""
    return frozenset(twin for _, twin in _found(names, known))


def _found(names: Iterable[str], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    longest = _SHRINKS * max(map(len, known), default=0)  # a name that is longer folds to nothing so short
    for name in names:
        twin = known.get(fold(name)) if len(name) <= longest else None
        if twin is not None:
            yield name, twin
