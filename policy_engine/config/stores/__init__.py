"""What the configuration names and others keep: opened, for the authorization server and for commands."""

from policy_engine.config.stores.opening import (
    authserver_of,
    sealer_of,
    sealing_keys,
    store_of,
    store_url,
)
from policy_engine.config.stores.registries import Registries, read_registry, watch_registries

__all__ = [
    "Registries",
    "authserver_of",
    "read_registry",
    "sealer_of",
    "sealing_keys",
    "store_of",
    "store_url",
    "watch_registries",
]
