"""What a review is about: everything that was loaded together, as the engine would decide with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from policy_engine.cedar import PolicyTree, canonical, tree_of
from policy_engine.config import AuditConfig, LoadedConfig, Stages, declared_attributes, registered_clients
from policy_engine.engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.evaluator import EntitySources, PolicyStore, StaticEntities, StoredPolicy, Vocabulary
from policy_engine.mcp import Server, full_schema, pinned_entities
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Subject", "versions"]

_LIBRARIES = ("policy-engine", "cedarpy", "cvc5")


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """One policy set, and the world it decides in.

    Attributes:
        engine: decides by it; nobody is asked over a network, and nothing is recorded.
        notes: what couldn't be looked at, and why.
    """

    engine: PolicyEngine
    notes: tuple[str, ...] = ()
    _trees: dict[str, PolicyTree] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, loaded: LoadedConfig) -> "Subject":
        """Of a configuration; machines that are registered elsewhere are read once.

        Raises:
            ConfigError: something in it can't be used; a `PolicyError` where that is a policy.
        """
        issuers, notes = dict(loaded.config.issuers), []
        for name, issuer in issuers.items():
            if issuer.registry is None:
                continue
            try:
                clients = registered_clients(loaded, name)
            except ConfigError as error:
                clients = {}
                notes.append(f"{error.problem}; so which machines of `{name}` there are isn't known")
            issuers[name] = issuer.model_copy(update={"registry": None, "clients": clients})
        config = loaded.config.model_copy(update={"issuers": issuers, "audit": AuditConfig()})
        engine = PolicyEngine.from_config(replace(loaded, config=config))
        return cls(engine=engine, notes=tuple(notes))

    @classmethod
    def of_engine(cls, engine: PolicyEngine) -> "Subject":
        """Of an engine that is there; what it is asked isn't recorded where it is asked by `explain`."""
        return cls(engine=engine)

    def with_policies(self, policies: PolicyStore) -> "Subject":
        """The same with another policy set, for those who compare; all else is shared."""
        return Subject(engine=self.engine.with_policies(policies), notes=self.notes)

    @property
    def stages(self) -> Stages:
        """What was loaded together."""
        return self.engine.stages

    @property
    def loaded(self) -> LoadedConfig:
        """The configuration."""
        return self.stages.loaded

    @property
    def policies(self) -> PolicyStore:
        """All policies, those in shadow mode too."""
        return self.stages.policies

    @property
    def servers(self) -> Mapping[str, Server]:
        """What is protected, by name."""
        return self.stages.servers

    @property
    def static(self) -> StaticEntities:
        """What the operator says of entities."""
        return self.stages.static

    @cached_property
    def running(self) -> Mapping[str, StoredPolicy]:
        """The policies that decide, by id, in the order they were written."""
        policies = self.policies.policies.items()
        return MappingProxyType({name: policy for name, policy in policies if not policy.shadow})

    def tree(self, policy: StoredPolicy) -> PolicyTree:
        """What runs of a policy, as a tree; made once."""
        if policy.id not in self._trees:
            self._trees[policy.id] = tree_of(policy.effective.est)
        return self._trees[policy.id]

    @cached_property
    def schema(self) -> CedarJson:
        """The Cedar schema that policies are validated against, in Cedar's JSON schema format."""
        return full_schema(self.servers, declared_attributes(self.loaded.config))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The same, read."""
        return Vocabulary(self.schema)

    @cached_property
    def known(self) -> Mapping[EntityUid, CedarJson]:
        """All that is known of entities before anybody asks: of servers, what is pinned, and what is static.

        In Cedar's JSON entity format. Of principals, and of what a message names, requests say more.
        """
        pinned = pinned_entities(self.servers.values())
        find = EntitySources(static=self.static, catalogue=pinned.get, actions={}).finder({})
        found = {uid: find(uid) for uid in sorted({*pinned, *self.static.uids})}
        return MappingProxyType({uid: entity for uid, entity in found.items() if entity is not None})

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256, in hexadecimal, of what the review is about: `policies`, `schema` and `entities`."""
        return MappingProxyType(
            {
                "policies": self.policies.digest,
                "schema": hashlib.sha256(canonical(self.schema)).hexdigest(),
                "entities": hashlib.sha256(canonical([*self.known.values()])).hexdigest(),
            }
        )


def versions() -> Mapping[str, str | None]:
    """Of the engine, Cedar's binding and the solver; None for one that isn't installed."""
    return MappingProxyType({name: _version(name) for name in _LIBRARIES})


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
