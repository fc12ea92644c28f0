"""Registered clients in a store: what an operator changes there counts a second later, without a restart."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.clients import RegisteredClient, load_clients
from policy_engine.authserver.renewing import FRESHNESS, MAX_STALE, Renewed
from policy_engine.errors import ConfigError
from policy_engine.model.stored import StoredClient

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["StoredClientRegistry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """One stored client, and what it was found to be."""

    stored: StoredClient
    found: RegisteredClient | ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """All clients at one mark of the store."""

    mark: tuple[int, str]
    checked: Mapping[str, _Checked] = field(repr=False)
    clients: Mapping[str, RegisteredClient] = field(repr=False)
    faults: Mapping[str, ConfigError]


class StoredClientRegistry:
    """The clients of a store, each checked as if an operator had just written it.

    One that can't be used gets no tokens, and stops no other: `faults` says why.

    Args:
        store: where they are.
        catalogue: what clients may be allowed to ask for.
        freshness: seconds for which the store isn't asked again.
        max_stale: seconds for which the last good reading serves where the store can't be asked.
        now: the time, in seconds; any clock that goes on.
    """

    __slots__ = ("_catalogue", "_renewed", "_store")

    def __init__(
        self,
        store: "Store",
        catalogue: Catalogue,
        *,
        freshness: float = FRESHNESS,
        max_stale: float = MAX_STALE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._renewed = Renewed(self._read, now=now, freshness=freshness, max_stale=max_stale)

    def find(self, client_id: str) -> RegisteredClient | None:
        """The client with exactly this id, or None.

        Raises:
            StorageError: the store can't be asked, and wasn't for too long.
        """
        return self._renewed.get().clients.get(client_id)

    @property
    def faults(self) -> Mapping[str, ConfigError]:
        """Why stored clients can't be used, by their id.

        Raises:
            StorageError: the store can't be asked, and wasn't for too long.
        """
        return self._renewed.get().faults

    def _read(self, last: _Snapshot | None) -> _Snapshot:
        # First the mark: what changes in between is then read once more, and not missed.
        mark = self._store.mark()
        if last is not None and last.mark == mark:
            return last
        known = {} if last is None else last.checked
        checked = {
            stored.client_id: self._checked(stored, known.get(stored.client_id))
            for stored in self._store.clients.all()
        }
        found = {client_id: each.found for client_id, each in checked.items()}
        clients = {name: each for name, each in found.items() if isinstance(each, RegisteredClient)}
        faults = {name: each for name, each in found.items() if isinstance(each, ConfigError)}
        return _Snapshot(
            mark=mark,
            checked=MappingProxyType(checked),
            clients=MappingProxyType(clients),
            faults=MappingProxyType(faults),
        )

    def _checked(self, stored: StoredClient, before: _Checked | None) -> _Checked:
        if before is not None and before.stored == stored:
            return before
        try:
            return _Checked(stored=stored, found=self._client(stored))
        except ConfigError as error:
            return _Checked(stored=stored, found=error)

    def _client(self, stored: StoredClient) -> RegisteredClient:
        (client,) = load_clients({"clients": [stored.document]}, self._catalogue)
        if client.client_id != stored.client_id:
            raise ConfigError(
                f"client `{stored.client_id}`: its document is another client's",
                remedy="register it again under another id",
                code="client_id",
            )
        return client
