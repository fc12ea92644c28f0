"""Who has tokens of the configured issuers, and what those can say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policy_engine.config import (
    ClientConfig,
    IssuerConfig,
    KindClaims,
    LoadedConfig,
    issuer_profile,
    registered_clients,
)
from policy_engine.errors import ConfigError
from policy_engine.mapper import EXCHANGE_GRANTS, Kind, Profile
from policy_engine.model.claims import MACHINE_GRANTS, USER_GRANTS

__all__ = ["KnownIssuer", "issuers_of"]

_PERSON = "alice"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssuer:
    """One issuer, with everybody whom it is known to speak for.

    Attributes:
        name: as it is configured.
        config: its entry.
        profile: how it marks machines and people.
        clients: those that are listed, wherever that is.
    """

    name: str
    config: IssuerConfig
    profile: Profile
    clients: Mapping[str, ClientConfig] = field(hash=False)

    def has(self, kind: Kind) -> bool:
        """Whether it has tokens of a kind at all."""
        return kind in self.profile.examples

    def claims(self, kind: Kind) -> KindClaims:
        """Which claims are read of tokens of a kind."""
        claims = self.config.claims
        if kind in self.profile.self_written:
            return KindClaims()
        own = claims.user if kind == "user" else claims.client
        return own.model_copy(update={"tags": {**self.profile.tags[kind], **own.tags}})

    def machines(self) -> Iterator[tuple[str, ClientConfig]]:
        """Machines that it admits: listed ones, and one of each prefix."""
        for name, client in self.clients.items():
            grants = frozenset(client.grants)
            if grants & MACHINE_GRANTS and not grants & USER_GRANTS:
                yield name, client
        workload = ClientConfig(grants=("workload",))
        for name in self._listed("client"):
            yield name, workload
        example = self.profile.examples.get("client")
        for prefix, client in self.config.client_prefixes.items():
            if example is not None and example.id.startswith(prefix) and example.id != prefix:
                yield example.id, client
            yield f"{prefix}example", client

    def people(self) -> Iterator[str]:
        """Ids that people can have here: listed ones, or such as the issuer writes."""
        yield from self._listed("user")
        example = self.profile.examples.get("user")
        if example is not None:
            yield from (_PERSON, example.id)

    def applications(self) -> Iterator[str]:
        """Listed applications that obtain people's tokens and don't act for them."""
        for name, client in self.clients.items():
            if frozenset(client.grants) & USER_GRANTS and not self.acts(name):
                yield name

    def agents(self) -> Iterator[str]:
        """Listed clients that may act for people."""
        for name, client in self.clients.items():
            by_act = self.profile.actor is not None and frozenset(client.grants) & MACHINE_GRANTS
            if self.acts(name) or by_act:
                yield name

    def acts(self, client: str) -> bool:
        """Whether a person's token obtained by a client is delegated to it."""
        listed = self.clients.get(client)
        return listed is not None and (listed.acts_for_users or not EXCHANGE_GRANTS.isdisjoint(listed.grants))

    def _listed(self, kind: Kind) -> tuple[str, ...]:
        """Ids that a flag lists."""
        flags = self.profile.listed
        if flags is None:
            return ()
        found = self.config.flags.get(flags.client if kind == "client" else flags.user, ())
        return tuple(found) if isinstance(found, list | tuple) else ()


def issuers_of(loaded: LoadedConfig) -> tuple[KnownIssuer, ...]:
    """Every configured issuer; one whose registry can't be read lists nobody.

    Raises:
        ConfigError: a profile can't be used.
    """
    found = []
    for name, config in loaded.config.issuers.items():
        clients: Mapping[str, ClientConfig] = config.clients
        if config.registry is not None:
            try:
                clients = registered_clients(loaded, name)
            except ConfigError:
                clients = {}
        profile = issuer_profile(loaded, name)
        found.append(KnownIssuer(name=name, config=config, profile=profile, clients=clients))
    return tuple(found)
