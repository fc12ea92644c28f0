"""Where registered clients are found."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Protocol

from policy_engine.authserver.clients.client import RegisteredClient
from policy_engine.errors import ConfigError

__all__ = ["ClientRegistry", "MemoryClientRegistry"]


class ClientRegistry(Protocol):
    """Where clients are looked up; nothing here can add one, so no request can."""

    def find(self, client_id: str) -> RegisteredClient | None:
        """The client with exactly this id, or None.

        Raises:
            PolicyEngineError: the registry can't be asked now; the request is answered 503.
        """
        ...


class MemoryClientRegistry:
    """Clients that stay the same as long as the server runs.

    Raises:
        ConfigError: `duplicate_client`, if two have the same id.
    """

    __slots__ = ("_clients",)

    def __init__(self, clients: Iterable[RegisteredClient]) -> None:
        by_id: dict[str, RegisteredClient] = {}
        for client in clients:
            if client.client_id in by_id:
                raise ConfigError(
                    f"two clients are called `{client.client_id}`",
                    remedy="rename one",
                    code="duplicate_client",
                )
            by_id[client.client_id] = client
        self._clients = MappingProxyType(by_id)

    def find(self, client_id: str) -> RegisteredClient | None:
        """The client with exactly this id, or None."""
        return self._clients.get(client_id)
