"""Notices that a server lists something otherwise than it was pinned."""

from collections.abc import Iterable, Mapping

from policy_engine.mcp.drift.changes import Changes
from policy_engine.mcp.drift.pins import Form, pins_of
from policy_engine.mcp.drift.sightings import Sightings
from policy_engine.mcp.lists import ListedItem, ListKind
from policy_engine.mcp.servers import Server
from policy_engine.model import EntityUid

__all__ = ["Drift"]


class Drift:
    """Holds what servers list against the pins of one generation; safe to share between threads.

    Lists come from the servers themselves. What a list doesn't have says nothing: it may be a page, or be cut
    by the server for its caller.

    Args:
        servers: by name.
        before: that of the generation before, whose sightings are used on.
    """

    __slots__ = ("_digests", "_pins", "_sightings")

    def __init__(self, servers: Mapping[str, Server], before: "Drift | None" = None) -> None:
        self._sightings: Sightings = Sightings() if before is None else before._sightings  # noqa: SLF001 -- our own
        self._pins = {
            (name, type_): pins for name, server in servers.items() for type_, pins in pins_of(server).items()
        }
        self._digests = {pin.key: pin.form.sha256 for pins in self._pins.values() for pin in pins.values()}

    @property
    def heard_anything(self) -> bool:
        """Whether any server has listed anything so far."""
        return self._sightings.any

    def is_changed(self, uid: EntityUid) -> bool:
        """Whether what is asked for was last listed otherwise than it is pinned."""
        key = (uid.type, uid.id)
        last = self._sightings.last(key)
        return last is not None and last.sha256 != self._digests.get(key, last.sha256)

    def learn(self, server: str, kind: ListKind, items: Iterable[ListedItem]) -> Changes:
        """Take note of a list, or of a page of one.

        Of an item that is there twice, the form that isn't the pinned one counts.
        """
        pins = self._pins.get((server, kind.type))
        if pins is None:
            return Changes()
        seen: dict[str, Form] = {}
        unpinned: dict[str, None] = {}
        for item in items:
            pin = pins.get(item.name)
            if pin is None:
                unpinned[item.name] = None
                continue
            form = self._sightings.look(pin, item)
            if item.name not in seen or form.sha256 != pin.form.sha256:
                seen[item.name] = form
        before = self._sightings.keep((pins[name].key, form) for name, form in seen.items())
        held = [
            (name, form.sha256, pins[name].form.sha256, last)
            for (name, form), last in zip(seen.items(), before, strict=True)
        ]
        return Changes(
            changed=tuple(name for name, now, pinned, _ in held if now != pinned),
            unpinned=tuple(unpinned),
            new_changed=tuple(name for name, now, pinned, last in held if now not in (pinned, last)),
            new_unpinned=self._sightings.first_seen(server, kind.type, unpinned),
            restored=tuple(
                name for name, now, pinned, last in held if now == pinned and last not in (None, now)
            ),
        )
