"""How much of a server one principal may have: others are to be served, too."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from policy_engine.model import EntityUid

__all__ = ["Slots", "TooManyError"]

_PARTS: Final = 2


class TooManyError(Exception):
    """One principal has as many requests and streams under way as it may have."""


class Slots:
    """Keeps count of what is under way.

    Args:
        most: how many there may be; half of them, rounded up, of one principal.
    """

    __slots__ = ("_by_principal", "_of_one")

    def __init__(self, most: int) -> None:
        self._of_one = -(-most // _PARTS)
        self._by_principal: Counter[EntityUid | None] = Counter()

    @contextmanager
    def taken(self, principal: EntityUid | None) -> Iterator[None]:
        """Have one while the context lasts.

        Raises:
            TooManyError: it has too many.
        """
        if self._by_principal[principal] >= self._of_one:
            raise TooManyError
        self._by_principal[principal] += 1
        try:
            yield
        finally:
            self._by_principal[principal] -= 1
            if not self._by_principal[principal]:
                del self._by_principal[principal]
