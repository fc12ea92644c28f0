"""Whom the configuration lists at an issuer, in whichever way: for commands and warnings that ask by id."""

from policy_engine.config.issuers import issuer_profile
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import ClientConfig
from policy_engine.errors import ConfigError

__all__ = ["listed_client", "listed_ids"]

_WORKLOAD = ClientConfig(grants=("workload",))


def listed_ids(loaded: LoadedConfig, issuer: str) -> frozenset[str]:
    """The ids that are listed one by one, under `clients` or in the flag that lists machines."""
    return frozenset(loaded.config.issuers[issuer].clients) | _subjects(loaded, issuer)


def listed_client(loaded: LoadedConfig, issuer: str, client_id: str) -> ClientConfig | None:
    """What is said of a client: by its id, else in a flag, else by the longest prefix of its id."""
    settings = loaded.config.issuers[issuer]
    if client_id in settings.clients:
        return settings.clients[client_id]
    if client_id in _subjects(loaded, issuer):
        return _WORKLOAD
    fitting = [prefix for prefix in settings.client_prefixes if client_id.startswith(prefix)]
    return settings.client_prefixes[max(fitting, key=len)] if fitting else None


def _subjects(loaded: LoadedConfig, issuer: str) -> frozenset[str]:
    try:
        listed = issuer_profile(loaded, issuer).listed
    except ConfigError:  # told where the issuers are looked at
        return frozenset()
    flag = () if listed is None else loaded.config.issuers[issuer].flags.get(listed.client, ())
    return frozenset(flag) if isinstance(flag, list | tuple) else frozenset()
