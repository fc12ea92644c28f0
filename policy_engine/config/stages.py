"""What a configuration means to each stage, made together and replaced together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

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
from policy_engine.evaluator import (
    Evaluator,
    Limits,
    PolicyStore,
    Shadows,
    StaticEntities,
    Visibility,
    release_slowly,
)
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
from policy_engine.model import UNOBSERVED, Observer
from policy_engine.tokens import RemoteKeys, Verifier

__all__ = ["Check", "Stages", "assemble"]

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Everything that was loaded together; a decision uses one of these from beginning to end.

    Attributes:
        generation: counts reloads, from 1.
        loaded: the configuration itself.
        static: what the operator says of entities.
        shadows: evaluates policies in shadow mode; None if there are none.
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
    shadows: Shadows | None
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
        """Watch no registry any more, and end the audit log, but for what the next generation uses on."""
        if after is None or after.audit.sink is not self.audit.sink:
            self.audit.close()
        kept = () if after is None else tuple(map(id, after.registries.values()))
        for watch in self.registries.values():
            if id(watch) not in kept:
                watch.close()

    def with_policies(self, policies: PolicyStore) -> "Stages":
        """The same with another policy set, for those who compare two; all else is shared."""
        pinned = pinned_entities(self.servers.values()).get
        evaluator = self.evaluator.with_store(policies)
        return replace(
            self,
            policies=policies,
            evaluator=evaluator,
            shadows=Shadows.of(evaluator, _limits(self.loaded.config.reuse)),
            visibility=Visibility(policies, self.static, pinned),
        )


Check = Callable[[Stages], None]
"""Is given what was made, and raises ConfigError for what mustn't be used."""


def assemble(
    loaded: LoadedConfig,
    *,
    now: Callable[[], float],
    before: Stages | None = None,
    tasks: TaskOwners = NO_OWNERS,
    observer: Observer = UNOBSERVED,
    checks: Sequence[Check] = (),
) -> Stages:
    """Make every stage from a configuration.

    Args:
        loaded: the configuration.
        now: the clock, in seconds since the epoch.
        tasks: knows whose tasks are.
        observer: is told of signatures that hold, and of keys that are fetched.
        before: what was in force; what needn't change of it (fetched keys, an open audit file) is used on.
        checks: are given what was made, and raise what keeps it from being used.

    Raises:
        ConfigError: a profile, key file, registry, catalogue, policy or entity can't be used;
            or what a check raises. What was in force is untouched then.
    """
    with ExitStack() as undo:
        registries = watch_registries(loaded, now, {} if before is None else before.registries, undo)
        stages = _made(loaded, now, before, tasks, registries, observer=observer)
        if before is None or before.audit.sink is not stages.audit.sink:
            undo.callback(stages.audit.close)
        for check in checks:
            check(stages)
        undo.pop_all()
    if before is not None:
        release_slowly(before.policies)
        before.close(after=stages)
    return stages


def _made(
    loaded: LoadedConfig,
    now: Callable[[], float],
    before: Stages | None,
    tasks: TaskOwners,
    registries: Registries,
    *,
    observer: Observer,
) -> Stages:
    config = loaded.config
    servers = protected_servers(loaded)
    static = load_static_entities(loaded)
    # Where others are in force, neither loading these nor, later, freeing those stops decisions.
    policies = load_policy_store(loaded, servers, static, apart=before is not None)
    pinned = pinned_entities(servers.values()).get
    schema = entity_schema(declared_attributes(config))
    published = {} if before is None else dict(before.published_keys)
    audiences = {name: Audiences.of_server(server, config.issuers) for name, server in config.servers.items()}
    limits = _limits(config.reuse)
    evaluator = Evaluator(policies, schema, static, catalogue=pinned, limits=limits)
    same_audit = before is not None and before.loaded.config.audit == config.audit
    return Stages(
        generation=1 if before is None else before.generation + 1,
        loaded=loaded,
        published_keys=published,
        registries=registries,
        servers=servers,
        verifier=_verifier(loaded, now, published, observer),
        mapper=Mapper(issuer_mappings(loaded, registries)),
        builder=RequestBuilder(servers, now, tasks),
        policies=policies,
        static=static,
        evaluator=evaluator,
        shadows=Shadows.of(evaluator, limits),
        lists=ListReader(),
        possibilities=Possibilities(servers),
        visibility=Visibility(policies, static, pinned),
        drift=Drift(servers, None if before is None else before.drift),
        audit=audit_trail(loaded, servers, before.audit if before is not None and same_audit else None),
        audiences_by_server=audiences,
        audiences_of_any=Audiences.union(audiences.values()),
    )


def _verifier(
    loaded: LoadedConfig, now: Callable[[], float], published: PublishedKeys, observer: Observer
) -> Verifier:
    issuers = list(verified_issuers(loaded, now, published))
    for issuer in issuers:
        if isinstance(issuer.keys, RemoteKeys):
            issuer.keys.refreshed = partial(observer.keys_refreshed, issuer.name)
    return Verifier(
        issuers,
        now,
        introspected_at=introspected_at(loaded),
        remember=loaded.config.reuse.tokens,
        remember_bytes=loaded.config.reuse.megabytes * _MEGABYTE // 2,
        observer=observer,
    )


def _limits(reuse: ReuseConfig) -> Limits:
    return Limits(answers=reuse.answers, most_bytes=reuse.megabytes * _MEGABYTE // 2)
