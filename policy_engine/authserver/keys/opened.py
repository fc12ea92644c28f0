"""Stored keys, as far as they can be opened; each is opened once."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from policy_engine.authserver.keys.life_cycle import Keys, current
from policy_engine.authserver.keys.vault import Vault
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

__all__ = ["Faults", "Opened", "open_keys", "tell_faults"]

_LOG: Final = logging.getLogger(__name__)

Faults = Mapping[str, ConfigError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was read.

    Attributes:
        keys: as they are stored.
        opened: those that could be opened, by name.
        faults: why others couldn't.
    """

    keys: Keys = ()
    opened: Mapping[str, SigningKey] = field(default_factory=dict, repr=False)
    faults: Faults = field(default_factory=dict)


def open_keys(vault: Vault, keys: Keys, now: float, last: Opened | None = None) -> Opened:
    """Open the keys that aren't gone, without those that were opened before.

    Args:
        vault: opens them.
        keys: as they are stored.
        now: seconds since the epoch.
        last: what was opened before.
    """
    last = Opened() if last is None else last
    before = {key.kid: key.sealed for key in last.keys}
    opened, faults = dict[str, SigningKey](), dict[str, ConfigError]()
    for key in current(keys, now):
        if key.kid in last.opened and before.get(key.kid) == key.sealed:
            opened[key.kid] = last.opened[key.kid]
            continue
        try:
            opened[key.kid] = vault.open(key)
        except ConfigError as error:
            faults[key.kid] = error
    return Opened(keys=keys, opened=MappingProxyType(opened), faults=MappingProxyType(faults))


def tell_faults(faults: Faults, told: frozenset[str]) -> frozenset[str]:
    """Log what can't be opened, each as long as it lasts once; what is told now."""
    for kid in sorted(set(faults) - told):
        _LOG.error("%s", faults[kid])
    return frozenset(faults)
