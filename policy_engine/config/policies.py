"""The policies and entities sections: what stage 4 decides with."""

from collections.abc import Mapping, Sequence
from typing import Any

from policy_engine.config.loader import LoadedConfig
from policy_engine.errors import ConfigError
from policy_engine.evaluator import (
    KnownNames,
    PolicySource,
    PolicyStore,
    StaticEntities,
    expand,
    load_policies,
)
from policy_engine.files import read_document
from policy_engine.mcp import Server, entity_schema, full_schema

__all__ = ["load_policy_store", "load_static_entities"]


def load_static_entities(loaded: LoadedConfig) -> StaticEntities:
    """What the operator says of entities; nothing if there is no such file.

    Raises:
        ConfigError: the file can't be used.
    """
    file = loaded.config.entities
    path = None if file is None else loaded.path(file)
    written: Any = loaded.entity_values or []
    if path is not None:
        written = read_document(path).data
    if not isinstance(written, Sequence) or isinstance(written, str):
        raise ConfigError("not a list of entities", remedy="write `- {uid: …, parents: […]}`", file=path)
    return StaticEntities.from_data(written, entity_schema(), _names(loaded), path)


def load_policy_store(
    loaded: LoadedConfig, servers: Mapping[str, Server], static: StaticEntities
) -> PolicyStore:
    """The policies, checked against the schema that the servers' catalogues give.

    Raises:
        PolicyError: the first mistake; all others are in its `others`.
    """
    sources: list[PolicySource] = []
    if loaded.config.policies or loaded.policy_text is None:
        sources += expand([loaded.path(path) for path in loaded.config.policies])
    if loaded.policy_text is not None:
        sources.append(PolicySource(text=loaded.policy_text))
    schema = full_schema(servers)
    # What a tool that nobody has pinned would look like: the one action that every server has for such tools.
    unpinned = schema[""]["actions"][f"{next(iter(servers))}/?"]["appliesTo"]
    names = _names(loaded, static)
    return load_policies(sources, schema, names, placeholder=unpinned)


def _names(loaded: LoadedConfig, static: StaticEntities | None = None) -> KnownNames:
    return KnownNames(
        issuers=frozenset(loaded.config.issuers),
        servers=frozenset(loaded.config.servers),
        tool_groups=frozenset() if static is None else static.tool_groups,
    )
