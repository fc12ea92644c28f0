"""What a configuration means to each stage, made together and replaced together."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from policy_engine.audit import AuditTrail
from policy_engine.config.attributes import declared_attributes
from policy_engine.config.audiences import Audiences
from policy_engine.config.issuers import PublishedKeys, issuer_mappings, verified_issuers
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.models import ReuseConfig
from policy_engine.config.policies import load_policy_store, load_static_entities
from policy_engine.config.servers import introspected_at, protected_servers
from policy_engine.config.sinks import audit_trail
from policy_engine.config.stores import Registries, watch_registries
from policy_engine.errors import ConfigError
from policy_engine.evaluator import Evaluator, Limits, PolicyStore, StaticEntities, Visibility, release_slowly
from policy_engine.mapper import Mapper
from policy_engine.mcp import (
    NO_OWNERS,
    Drift,
    ListReader,
    Possibilities,
    RequestBuilder,
    Server,
    TaskOwners,
    entity_schema,
    pinned_entities,
)
from policy_engine.tokens import Verifier

__all__ = ["Stages", "assemble"]

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Everything that was loaded together; a decision uses one of these from beginning to end.

    Attributes:
        generation: counts reloads, from 1.
        loaded: the configuration itself.
        static: what the operator says of entities.
        audit: where it says that decisions are recorded.
        drift: what servers listed otherwise; the next generation knows it, too.
        published_keys: key sources that fetch, for the next generation to use on.
        registries: what is watched of issuers whose machines are in a registry; likewise.
    """

    generation: int
    loaded: LoadedConfig
    servers: Mapping[str, Server]
    verifier: Verifier
    mapper: Mapper
    builder: RequestBuilder
    policies: PolicyStore
    static: StaticEntities
    evaluator: Evaluator
    lists: ListReader
    possibilities: Possibilities
    visibility: Visibility
    drift: Drift
    audit: AuditTrail
    audiences_by_server: Mapping[str, Audiences]
    audiences_of_any: Audiences
    published_keys: PublishedKeys
    registries: Registries

    @property
    def digest(self) -> str:
        """SHA-256 of the policies in force."""
        return self.policies.digest

    def audiences(self, server: str | None) -> Audiences:
        """What tokens for a server carry as audience; for None, what they carry for any.

        Raises:
            ConfigError: there is no such server.
        """
        if server is None:
            return self.audiences_of_any
        if server not in self.audiences_by_server:
            known = ", ".join(sorted(self.servers))
            raise ConfigError(f"no server is named `{server}`", remedy=f"configured are: {known}")
        return self.audiences_by_server[server]

    def close(self, *, after: "Stages | None" = None) -> None:
        """Watch no registry any more, but those that the next generation watches on."""
        kept = () if after is None else tuple(map(id, after.registries.values()))
        for watch in self.registries.values():
            if id(watch) not in kept:
                watch.close()

    def with_policies(self, policies: PolicyStore) -> "Stages":
        """The same with another policy set, for those who compare two; all else is shared."""
        pinned = pinned_entities(self.servers.values()).get
        return replace(
            self,
            policies=policies,
            evaluator=self.evaluator.with_store(policies),
            visibility=Visibility(policies, self.static, pinned),
        )


def assemble(
    loaded: LoadedConfig,
    *,
    now: Callable[[], float],
    before: Stages | None = None,
    tasks: TaskOwners = NO_OWNERS,
) -> Stages:
    """Make every stage from a configuration.

    Args:
        loaded: the configuration.
        now: the clock, in seconds since the epoch.
        tasks: knows whose tasks are.
        before: what was in force; what needn't change of it (fetched keys, an open audit file) is used on.

    Raises:
        ConfigError: a profile, key file, registry, catalogue, policy or entity can't be used.
    """
    with ExitStack() as undo:
        registries = watch_registries(loaded, now, {} if before is None else before.registries, undo)
        stages = _made(loaded, now, before, tasks, registries)
        undo.pop_all()
    if before is not None:
        before.close(after=stages)
    return stages


def _made(
    loaded: LoadedConfig,
    now: Callable[[], float],
    before: Stages | None,
    tasks: TaskOwners,
    registries: Registries,
) -> Stages:
    config = loaded.config
    servers = protected_servers(loaded)
    static = load_static_entities(loaded)
    policies = _policies(loaded, servers, static, before)
    pinned = pinned_entities(servers.values()).get
    schema = entity_schema(declared_attributes(config))
    published = {} if before is None else dict(before.published_keys)
    audiences = {name: Audiences.of_server(server, config.issuers) for name, server in config.servers.items()}
    same_audit = before is not None and before.loaded.config.audit == config.audit
    return Stages(
        generation=1 if before is None else before.generation + 1,
        loaded=loaded,
        published_keys=published,
        registries=registries,
        servers=servers,
        verifier=_verifier(loaded, now, published),
        mapper=Mapper(issuer_mappings(loaded, registries)),
        builder=RequestBuilder(servers, now, tasks),
        policies=policies,
        static=static,
        evaluator=Evaluator(policies, schema, static, catalogue=pinned, limits=_limits(config.reuse)),
        lists=ListReader(),
        possibilities=Possibilities(servers),
        visibility=Visibility(policies, static, pinned),
        drift=Drift(servers, None if before is None else before.drift),
        audit=before.audit if before is not None and same_audit else audit_trail(loaded),
        audiences_by_server=audiences,
        audiences_of_any=Audiences.union(audiences.values()),
    )


def _policies(
    loaded: LoadedConfig, servers: Mapping[str, Server], static: StaticEntities, before: Stages | None
) -> PolicyStore:
    """The policies; where others are in force, neither loading these nor freeing those stops decisions."""
    store = load_policy_store(loaded, servers, static, apart=before is not None)
    if before is not None:
        release_slowly(before.policies)
    return store


def _verifier(loaded: LoadedConfig, now: Callable[[], float], published: PublishedKeys) -> Verifier:
    return Verifier(
        verified_issuers(loaded, now, published),
        now,
        introspected_at=introspected_at(loaded),
        remember=loaded.config.reuse.tokens,
        remember_bytes=loaded.config.reuse.megabytes * _MEGABYTE // 2,
    )


def _limits(reuse: ReuseConfig) -> Limits:
    return Limits(answers=reuse.answers, most_bytes=reuse.megabytes * _MEGABYTE // 2)
