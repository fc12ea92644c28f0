"""How to mend a misspelt name."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest"]

_MANY = 8
"""More names than this aren't listed: nobody reads them."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy: the known name that looks most like `word`; else all of them, if they are few."""
    names = sorted(known)
    if close := get_close_matches(word, names, n=1):
        return f"did you mean `{close[0]}`?"
    if not names:
        return "none is configured"
    return f"known are: {', '.join(names)}" if len(names) <= _MANY else "compare with the configuration"
