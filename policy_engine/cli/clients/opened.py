"""The registry of a configuration, opened: its store, and what its clients may be allowed to ask for."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policy_engine.authserver import Catalogue, catalogue_of
from policy_engine.config import LoadedConfig, authserver_of, load_config, store_of, store_url
from policy_engine.errors import ConfigError, StaleError
from policy_engine.model.stored import ClientChange, StoredClient

if TYPE_CHECKING:
    from policy_engine.storage import Store

__all__ = ["Registry", "opened"]

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """An open registry.

    Attributes:
        store: where clients are kept; None for one that isn't there yet.
        catalogue: what clients may be allowed to ask for.
        servers: resources by the name of their server.
        issuer: the identifier of the authorization server.
        issuer_name: how policies call it.
    """

    store: "Store | None"
    catalogue: Catalogue
    servers: Mapping[str, str]
    issuer: str
    issuer_name: str

    def all(self) -> tuple[StoredClient, ...]:
        """Registered clients, sorted by id."""
        return () if self.store is None else self.store.clients.all()

    def find(self, client_id: str) -> StoredClient:
        """A registered client.

        Raises:
            ConfigError: `unknown_client`.
        """
        found = None if self.store is None else self.store.clients.find(client_id)
        if found is None:
            raise ConfigError(
                f"no client is called `{client_id}`",
                remedy="see which there are: policy-engine clients list",
                code="unknown_client",
            )
        if found.removed_at is not None:
            raise ConfigError(
                f"the client `{client_id}` was removed",
                remedy="add another one, with an id of its own",
                code="unknown_client",
            )
        return found

    def snapshot(self, ids: Collection[str]) -> tuple[int, tuple[StoredClient, ...]]:
        """The version, and what was there then or later: every client, and removed ones with these ids."""
        if self.store is None:
            return 0, ()
        version, clients = self.store.version(), self.store.clients.all()
        known = {client.client_id for client in clients}
        looked_for = (self.store.clients.find(each) for each in sorted(set(ids) - known))
        return version, (*clients, *(found for found in looked_for if found is not None))

    def change(self, changes: Collection[ClientChange], *, expected_version: int) -> None:
        """Make all the changes, if the store is still of a version.

        Raises:
            StaleError: it isn't.
        """
        if self.store is None:
            raise StaleError
        self.store.clients.change([*changes], expected_version=expected_version, now=time.time())

    def amend(
        self, ids: Collection[str], amended: Callable[[StoredClient], Mapping[str, Any] | None]
    ) -> dict[str, Mapping[str, Any] | None]:
        """Change registered clients, all or none; again, if somebody else changed something meanwhile.

        Args:
            ids: of the clients.
            amended: what is to be registered in the place of one; None to remove it.

        Returns:
            What is registered now, by id.

        Raises:
            ConfigError: one isn't registered, or what `amended` raises.
            StaleError: somebody else changes something all the time.
        """
        assert self.store is not None  # noqa: S101 -- only what changes nothing is opened without one
        for _ in range(_TRIES):
            version = self.store.version()
            documents = {each: amended(self.find(each)) for each in ids}
            changes = [ClientChange(client_id=each, document=made) for each, made in documents.items()]
            try:
                self.change(changes, expected_version=version)
            except StaleError:
                continue
            return documents
        raise StaleError


@contextmanager
def opened(config: Path, *, create: bool, may_be_absent: bool = False) -> Iterator[Registry]:
    """Open the registry of a configuration.

    Args:
        config: the configuration file.
        create: whether the store is made, or brought up to date, where that is needed.
        may_be_absent: whether a store that isn't there yet is taken for an empty one.

    Raises:
        ConfigError: the configuration can't be used, or names no store.
        StorageError: the store can't be reached.
    """
    loaded = load_config(config)
    written = authserver_of(loaded)
    servers = {name: server.resource for name, server in loaded.config.servers.items()}
    catalogue = catalogue_of(loaded)
    absent = may_be_absent and _is_absent(loaded, written.store)
    store = None if absent else store_of(loaded, create=create)
    try:
        yield Registry(
            store=store,
            catalogue=catalogue,
            servers={name: servers[name] for name in written.scopes},
            issuer=written.issuer,
            issuer_name=next(
                name for name, each in loaded.config.issuers.items() if each.issuer == written.issuer
            ),
        )
    finally:
        if store is not None:
            store.close()


def _is_absent(loaded: LoadedConfig, store: str) -> bool:
    url = store_url(loaded, store)
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()
