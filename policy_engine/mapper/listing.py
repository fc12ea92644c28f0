"""Everybody whom an operator lists at one issuer: one by one, in flags, or by the beginning of their ids."""

from collections.abc import Mapping

from policy_engine.errors import ConfigError
from policy_engine.mapper.language import FlagValue
from policy_engine.mapper.profiles import Profile
from policy_engine.mapper.registry import KnownClient, LiveRegistry, Registry, check_clients

__all__ = ["Listing"]

_WORKLOAD = KnownClient(grants=frozenset({"workload"}))


class Listing:
    """A registry over all of them; an id that is listed by itself is never read as one of a prefix.

    Args:
        issuer: the configured name, for errors.
        profile: of the issuer.
        flags: what the operator set.
        clients: listed one by one.
        prefixes: machines by the beginning of their ids; only where the issuer speaks for machines alone.

    Attributes:
        is_settled: whether it can't change while it is in use.
        live: the registry of those listed one by one, if that changes by itself.

    Raises:
        ConfigError: a client, a prefix or a list can't be used.
    """

    def __init__(
        self,
        issuer: str,
        profile: Profile,
        flags: Mapping[str, FlagValue],
        clients: Registry,
        prefixes: Mapping[str, KnownClient],
    ) -> None:
        self._clients = clients
        self.is_settled = isinstance(clients, Mapping)
        self.live = clients if isinstance(clients, LiveRegistry) else None
        if isinstance(clients, Mapping):
            check_clients(clients, issuer=issuer)
        check_clients(prefixes, issuer=issuer)
        for prefix, client in prefixes.items():
            _check_prefix(prefix, client, profile, flags, issuer)
        # The longest first: what is said of a part stands before what is said of the whole.
        self._prefixes = tuple(sorted(prefixes.items(), key=lambda entry: -len(entry[0])))
        self._machines, self._people = _lists(profile, flags)
        for subject in self._people:
            if subject in self._machines or self.get(subject) is not None:
                raise ConfigError(
                    f"issuer `{issuer}` lists `{subject}` both as a machine and as a person",
                    remedy="take it out of one of the two",
                )

    def get(self, client_id: str, /) -> KnownClient | None:
        """What the operator says of an id, or None."""
        known = self._clients.get(client_id)
        if known is not None:
            return known
        if client_id in self._machines:
            return _WORKLOAD
        for prefix, client in self._prefixes:
            if client_id.startswith(prefix) and client_id != prefix:
                return client
        return None

    def grants(self, client_id: str) -> frozenset[str] | None:
        """The grants that an id is listed with, and the words for their kinds that rules use."""
        known = self.get(client_id)
        if known is None:
            return None
        kinds = {"machine": known.is_machine, "people": known.serves_people}
        return known.grants.union(word for word, holds in kinds.items() if holds)


def _lists(profile: Profile, flags: Mapping[str, FlagValue]) -> tuple[frozenset[str], frozenset[str]]:
    if profile.listed is None:
        return frozenset(), frozenset()
    return _texts(flags[profile.listed.client]), _texts(flags[profile.listed.user])


def _texts(value: FlagValue) -> frozenset[str]:
    return frozenset(value) if isinstance(value, tuple) else frozenset()


def _check_prefix(
    prefix: str, client: KnownClient, profile: Profile, flags: Mapping[str, FlagValue], issuer: str
) -> None:
    where = f"prefix `{prefix}` of issuer `{issuer}`"
    if not profile.machines_only:
        raise ConfigError(
            f"{where}: the tokens of profile `{profile.name}` aren't all of machines",
            remedy="list each machine under `clients`",
        )
    separator = profile.prefix_separator
    if not prefix.endswith(separator):
        raise ConfigError(
            f"{where} ends within a name, so that it holds for longer names, too",
            remedy=f"end it with `{separator}`, which ends a name at this issuer",
        )
    if not client.is_machine or client.exchanges:
        raise ConfigError(f"{where} has a grant that isn't a machine's", remedy="leave `grants` out")
    if profile.tenant is not None and not flags[profile.tenant.flag]:
        raise ConfigError(
            f"{where}: many tenants share this issuer, and all of them would be let in",
            remedy=f"set the flag `{profile.tenant.flag}` first",
        )
