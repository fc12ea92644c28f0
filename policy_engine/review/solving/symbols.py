"""Names of variables and functions in a script, safe whatever the names that policies and schemas have."""

import json
import re
from collections.abc import Iterator

from policy_engine.review.symbolic import Name, Sort, Term

__all__ = ["Symbols"]

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 40

_Key = tuple[Name, Sort, tuple[Sort, ...]]


class Symbols:
    """The variables and functions of one script, in the order in which they were met.

    A symbol is `v` and a number, which tell it from all others, and what can be shown of its name; the whole
    name stands in the comment before its declaration.
    """

    def __init__(self) -> None:
        self._symbols: dict[_Key, str] = {}

    def of(self, item: Term) -> str:
        """The symbol of a variable, or of the function that is applied."""
        name = item.name or ()
        key = name, item.sort, tuple(argument.sort for argument in item.arguments)
        found = self._symbols.get(key)
        if found is None:
            shown = _UNSAFE.sub("_", "_".join(name))[:_LONGEST].strip("_")
            found = self._symbols[key] = f"v{len(self._symbols)}_{shown}"
        return found

    def declarations(self) -> Iterator[str]:
        """Say what each is."""
        for (name, sort, arguments), symbol in self._symbols.items():
            yield f"; {json.dumps(name)}"
            yield f"(declare-fun {symbol} ({' '.join(arguments)}) {sort})"
