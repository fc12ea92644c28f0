"""How to mend a misspelt name."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["choices", "closest", "listed", "nearest_type", "with_article"]

_MANY = 8
"""More names than this aren't told: nobody reads them."""

_FEW = 3
"""As many names stand in a sentence."""


def choices(known: Iterable[str]) -> str:
    """A remedy where nothing looks like what was written: all names, if they are few."""
    names = sorted(known)
    if not names:
        return "none is configured"
    return f"known are: {', '.join(names)}" if len(names) <= _MANY else "compare with the configuration"


def nearest_type(word: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt type of entity."""
    close = closest(word, known)
    return f"did you mean `{close}`?" if close else "see the types: `policy-engine schema`"


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `word`, whatever its case, if one does."""
    by_folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    close = get_close_matches(word.casefold(), sorted(by_folded), n=1)
    return by_folded[close[0]] if close else None


def with_article(name: str) -> str:
    """A name of a type with its article."""
    return f"{'an' if name[:1] in 'AEIO' else 'a'} `{name}`"


def listed(names: Iterable[str], *, most: int = _FEW) -> str:
    """Names in a sentence: `a`, `a and b`, `a, b, c and 4 more`."""
    every = list(names)
    shown = every if len(every) <= most + 1 else every[:most]
    rest = [f"{len(every) - len(shown)} more"] if len(shown) < len(every) else []
    *first, last = [*shown, *rest]
    return f"{', '.join(first)} and {last}" if first else last
