"""The form in which each pinned item was last listed; what reloads don't forget."""

import threading
from collections.abc import Iterable

from policy_engine.mcp.drift.pins import Form, Key, Pin
from policy_engine.mcp.lists import ListedItem
from policy_engine.mcp.pinned import item_digest

__all__ = ["Sightings"]

_LONGEST_TEXT = 16 * 1024
_MOST_NAMES, _LONGEST_NAME = 1000, 200


class Sightings:
    """Shared by all generations of what was loaded, and by all threads.

    Holds nothing that says what is pinned: each generation compares with its own pins. So a list that was
    asked for before a reload, and comes after it, is judged by whoever looks.
    """

    __slots__ = ("_last", "_lock", "_names")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[Key, Form] = {}
        self._names: dict[tuple[str, str], set[str]] = {}

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self._last)

    def last(self, key: Key) -> Form | None:
        """The form of a pinned item that was listed last; None if no list had it."""
        return self._last.get(key)

    def look(self, pin: Pin, item: ListedItem) -> Form:
        """The form of an item that is listed now; it isn't kept yet."""
        if item.written == pin.form.written:
            return pin.form
        last = self._last.get(pin.key)
        if last is not None and item.written == last.written:
            return last
        digest = item_digest(item.item)
        return Form(sha256=digest, written=item.written if len(item.written) <= _LONGEST_TEXT else b"")

    def keep(self, seen: Iterable[tuple[Key, Form]]) -> list[str | None]:
        """Keep how pinned items are listed; answers with the digest that each had before."""
        before: list[str | None] = []
        with self._lock:
            for key, form in seen:
                last = self._last.get(key)
                before.append(None if last is None else last.sha256)
                if last is not form:
                    self._last[key] = form
        return before

    def first_seen(self, server: str, type_: str, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some names that nobody asked about before; a server can invent names, so not for ever."""
        with self._lock:
            known = self._names.setdefault((server, type_), set())
            found: list[str] = []
            for name in names:
                if len(known) >= _MOST_NAMES:
                    break
                beginning = name[:_LONGEST_NAME]
                if beginning not in known:
                    known.add(beginning)
                    found.append(name)
            return tuple(found)
