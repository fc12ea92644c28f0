"""How to mend a misspelt name."""

import difflib
from collections.abc import Collection
from typing import Final

__all__ = ["nearest"]

_FEW: Final = 12
"""As many names can be read in a line."""


def nearest(name: str, known: Collection[str]) -> str:
    """The name that is nearly meant, or else all, if they are few."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known are: {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else "look at its spelling"
