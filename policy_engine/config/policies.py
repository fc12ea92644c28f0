"""The policies and entities sections: what stage 4 decides with."""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_engine.config.attributes import declared_attributes
from policy_engine.config.deployment import deployment_of
from policy_engine.config.loader import LoadedConfig
from policy_engine.errors import ConfigError
from policy_engine.evaluator import (
    Examined,
    KnownNames,
    PolicyChecker,
    PolicySource,
    PolicyStore,
    StaticEntities,
    examine_policies,
    expand,
    load_policies,
    load_policies_apart,
)
from policy_engine.files import Document, read_document
from policy_engine.mcp import Server, entity_schema, full_schema
from policy_engine.registry import Snapshot

__all__ = [
    "examine_policy_set",
    "load_policy_store",
    "load_static_entities",
    "policy_checker",
    "policy_sources",
]


def load_static_entities(loaded: LoadedConfig) -> StaticEntities:
    """What the operator says of entities; nothing if there is no such file.

    Raises:
        ConfigError: the file can't be used.
    """
    file = loaded.config.entities
    path = None if file is None else loaded.path(file)
    written: Any = loaded.entity_values or []
    document = Document(data=written) if path is None else read_document(path)
    written = document.data
    if not isinstance(written, Sequence) or isinstance(written, str):
        raise ConfigError("not a list of entities", remedy="write `- {uid: …, parents: […]}`", file=path)

    def place(index: int) -> tuple[int, int] | None:
        found = document.place((index,))
        return None if found is None else (found.line, found.column)

    schema = entity_schema(declared_attributes(loaded.config))
    return StaticEntities.from_data(written, schema, _names(loaded), path, place)


def load_policy_store(
    loaded: LoadedConfig, servers: Mapping[str, Server], static: StaticEntities, *, apart: bool = False
) -> PolicyStore:
    """The policies, checked against the schema that the servers' catalogues give.

    Args:
        loaded: the configuration.
        servers: by name.
        static: what the operator says of entities.
        apart: whether a large set is checked in a process of its own, so that nobody here waits.

    Raises:
        PolicyError: the first mistake; all others are in its `others`.
        ConfigError: that process couldn't finish its work.
    """
    load = load_policies_apart if apart else load_policies
    return load(policy_sources(loaded), **_checked_against(loaded, servers, static))


def examine_policy_set(
    loaded: LoadedConfig,
    servers: Mapping[str, Server],
    static: StaticEntities,
    registries: Mapping[str, Snapshot] | None = None,
) -> Examined:
    """The same of policies that may have errors: everything that is to be said of them.

    Args:
        loaded: the configuration.
        servers: by name.
        static: what the operator says of entities.
        registries: what is registered, by the name of the issuer, as far as it is known.

    Raises:
        PolicyError: their files can't be read.
    """
    return examine_policies(policy_sources(loaded), **_checked_against(loaded, servers, static, registries))


def policy_checker(
    loaded: LoadedConfig, servers: Mapping[str, Server], static: StaticEntities
) -> PolicyChecker:
    """What checks any policy as those of the configuration are checked."""
    return PolicyChecker(**_checked_against(loaded, servers, static))


def policy_sources(loaded: LoadedConfig) -> list[PolicySource]:
    """The texts of the policies, file by file.

    Raises:
        PolicyError: one can't be read.
    """
    sources: list[PolicySource] = []
    if loaded.config.policies or loaded.policy_text is None:
        sources += expand([loaded.path(path) for path in loaded.config.policies])
    if loaded.policy_text is not None:
        sources.append(PolicySource(text=loaded.policy_text))
    return sources


def _checked_against(
    loaded: LoadedConfig,
    servers: Mapping[str, Server],
    static: StaticEntities,
    registries: Mapping[str, Snapshot] | None = None,
) -> dict[str, Any]:
    schema = full_schema(servers, declared_attributes(loaded.config))
    return {
        "schema": schema,
        "names": _names(loaded, static),
        # The one action that every server has for tools that aren't pinned: what any tool would look like.
        "placeholder": schema[""]["actions"][f"{next(iter(servers))}/?"]["appliesTo"],
        "deployment": deployment_of(loaded, servers, static, registries or {}),
    }


def _names(loaded: LoadedConfig, static: StaticEntities | None = None) -> KnownNames:
    return KnownNames(
        issuers=frozenset(loaded.config.issuers),
        servers=frozenset(loaded.config.servers),
        tool_groups=frozenset() if static is None else static.tool_groups,
    )
