"""The two stages that a token goes through, made from a configuration without its policies.

So that a token can be looked at while a policy or a catalogue is still being written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy_engine.config import (
    Audiences,
    LoadedConfig,
    introspected_at,
    issuer_mappings,
    read_registry,
    verified_issuers,
)
from policy_engine.errors import ConfigError
from policy_engine.mapper import IssuerMapping, Mapper
from policy_engine.tokens import Verifier

__all__ = ["Bench"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What tokens are looked at with.

    Attributes:
        loaded: the configuration.
        now: seconds since the epoch.
        verifier: stage 1.
        mappings: what stage 2 has of each issuer.
        mapper: stage 2.
        servers: what each server accepts as audience.
        keyless_because: why there are no keys to verify with; empty if there are.
    """

    loaded: LoadedConfig
    now: float
    verifier: Verifier
    mappings: Mapping[str, IssuerMapping]
    mapper: Mapper
    servers: Mapping[str, Audiences]
    keyless_because: str

    @classmethod
    def of(cls, loaded: LoadedConfig, now: Callable[[], float], *, with_keys: bool) -> "Bench":
        """Set it up; keys that can't be read are as good as none.

        Raises:
            ConfigError: anything else can't be used.
        """
        moment = now()
        because = "" if with_keys else "as asked for"
        rules = introspected_at(loaded)
        verifier = None
        if with_keys:
            try:
                issuers = verified_issuers(loaded, lambda: moment, {})
                verifier = Verifier(issuers, lambda: moment, introspected_at=rules)
            except ConfigError as error:
                because = str(error)  # what isn't about keys is raised again
        if verifier is None:
            issuers = verified_issuers(loaded, lambda: moment, {}, with_keys=False)
            verifier = Verifier(issuers, lambda: moment, introspected_at=rules)
        config = loaded.config
        registries = {
            name: read_registry(loaded, name, moment)
            for name, issuer in config.issuers.items()
            if issuer.registry is not None
        }
        mappings = {mapping.name: mapping for mapping in issuer_mappings(loaded, registries)}
        return cls(
            loaded=loaded,
            now=moment,
            verifier=verifier,
            mappings=mappings,
            mapper=Mapper(mappings.values()),
            servers={
                name: Audiences.of_server(server, config.issuers) for name, server in config.servers.items()
            },
            keyless_because=because,
        )

    def audiences(self, server: str | None) -> Audiences:
        """What opens a server; for None, what opens any.

        Raises:
            ConfigError: there is no such server.
        """
        if server is None:
            return Audiences.union(self.servers.values())
        if server not in self.servers:
            known = ", ".join(sorted(self.servers))
            raise ConfigError(f"no server is named `{server}`", remedy=f"configured are: {known}")
        return self.servers[server]
