"""Whom the configuration lists at an issuer, in whichever way: for commands and warnings that ask by id."""

import time

from policy_engine.config.issuers import issuer_profile
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import ClientConfig
from policy_engine.config.stores import read_registry
from policy_engine.errors import ConfigError
from policy_engine.mapper import KnownClient

__all__ = ["listed_client", "listed_ids", "registered_clients"]

_WORKLOAD = ClientConfig(grants=("workload",))


def listed_ids(loaded: LoadedConfig, issuer: str) -> frozenset[str]:
    """The ids that are listed one by one, under `clients` or in the flag that lists machines."""
    return frozenset(loaded.config.issuers[issuer].clients) | _subjects(loaded, issuer)


def listed_client(loaded: LoadedConfig, issuer: str, client_id: str) -> ClientConfig | None:
    """What is said of a client: by its id, else in a flag, else by the longest prefix of its id.

    Where machines are registered elsewhere, that is read now.

    Raises:
        ConfigError: it can't be read.
    """
    settings = loaded.config.issuers[issuer]
    if settings.registry is not None:
        return _registered(read_registry(loaded, issuer, time.time()).get(client_id))
    if client_id in settings.clients:
        return settings.clients[client_id]
    if client_id in _subjects(loaded, issuer):
        return _WORKLOAD
    fitting = [prefix for prefix in settings.client_prefixes if client_id.startswith(prefix)]
    return settings.client_prefixes[max(fitting, key=len)] if fitting else None


def registered_clients(loaded: LoadedConfig, issuer: str) -> dict[str, ClientConfig]:
    """Every machine that an issuer's registry has now and that may have tokens, as if it were listed.

    Raises:
        ConfigError: it can't be read.
    """
    found = {
        name: _registered(client)
        for name, client in read_registry(loaded, issuer, time.time()).clients.items()
    }
    return {name: client for name, client in found.items() if client is not None}


def _registered(client: KnownClient | None) -> ClientConfig | None:
    """A registered machine as the configuration would have it."""
    if client is None:
        return None
    written = {
        "grants": tuple(client.grants),
        "category": client.category,
        "groups": tuple(client.groups),
        "attributes": {**client.attributes, **client.typed_attributes},
    }
    return ClientConfig.model_validate(written)


def _subjects(loaded: LoadedConfig, issuer: str) -> frozenset[str]:
    try:
        listed = issuer_profile(loaded, issuer).listed
    except ConfigError:  # told where the issuers are looked at
        return frozenset()
    flag = () if listed is None else loaded.config.issuers[issuer].flags.get(listed.client, ())
    return frozenset(flag) if isinstance(flag, list | tuple) else frozenset()
