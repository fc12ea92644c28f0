"""When two names are so alike that some reader takes one for the other.

Go's JSON decoder matches members without regard to case, and servers normalise Unicode: a message with `Name`
beside `name` would be decided on for one tool and run another.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

__all__ = ["fold", "folded", "lookalike"]


_SHRINKS = 8
"""How many times longer than its folded form a name may be: composition takes a few marks into one letter."""


def fold(name: str) -> str:
    """The form in which lookalikes are equal: NFKC, then case folding."""
    return unicodedata.normalize("NFKC", name).casefold()


def folded(names: Iterable[str]) -> Mapping[str, str]:
    """Names by their folded form."""
    return MappingProxyType({fold(name): name for name in names})


def lookalike(names: Iterable[str], known: Mapping[str, str]) -> str | None:
    """The known name that one of `names` imitates without being it; `known` is by folded form."""
    # Normalising takes time that grows with the square of a name's length: one of a million combining marks
    # would hold the process for minutes. A name so much longer folds to nothing short.
    longest = _SHRINKS * max(map(len, known), default=0)
    for name in names:
        twin = known.get(fold(name)) if len(name) <= longest else None
        if twin is not None and twin != name:
            return twin
    return None
