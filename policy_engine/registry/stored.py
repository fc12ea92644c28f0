"""A registry in a store."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from policy_engine.model.stored import StoredClient
from policy_engine.registry.source import Entry, Reading

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["StoredRegistry"]

_ALWAYS = float("-inf")


class StoredRegistry:
    """The machines and the denials of a store.

    Args:
        open_store: opens it, which is done when it is asked for the first time.
    """

    __slots__ = ("_open", "_store")

    def __init__(self, open_store: "Callable[[], Store]") -> None:
        self._open = open_store
        self._store: Store | None = None

    def version(self) -> object:
        """The mark of the last change; raises what `Source.version` does, and what opening does."""
        if self._store is None:
            self._store = self._open()
        return self._store.mark()

    def read(self) -> Reading:
        """Clients and denials, after `version`; raises what `Source.read` does."""
        assert self._store is not None  # noqa: S101 -- `version` opened it
        clients = self._store.clients.all()
        # Those that are over, too: a clock may be set back.
        denials = self._store.denials.all(_ALWAYS)
        return Reading(
            entries={client.client_id: _entry(client) for client in clients},
            denials={(denial.kind, denial.value): denial.until for denial in denials},
        )

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def again(self) -> "StoredRegistry":
        """The same store, opened anew: no two processes may use one connection."""
        return StoredRegistry(self._open)


def _entry(client: StoredClient) -> Entry | None:
    try:
        return Entry.of(client.document)
    except ValueError:
        return None
