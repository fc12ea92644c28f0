"""Everything that is to be said of a configuration at once: errors don't hide one another, nor warnings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from policy_engine.config.issuers import issuer_mappings, verified_issuers
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.policies import examine_policy_set, load_static_entities
from policy_engine.config.servers import protected_servers
from policy_engine.config.sinks import shown_arguments
from policy_engine.config.stores import read_registry
from policy_engine.errors import ConfigError
from policy_engine.evaluator import Examined, PolicyStore, PolicyWarning
from policy_engine.mapper import IssuerMapping
from policy_engine.mcp import Server
from policy_engine.registry import Snapshot
from policy_engine.tokens import Issuer

__all__ = ["Report", "examine"]

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found.

    Attributes:
        errors: in the order of files and lines.
        warnings: in the same order.
        policies: the set, if it has no errors.
        servers: those that can be used.
        notes: what couldn't be looked at, and why.
    """

    errors: tuple[ConfigError, ...]
    warnings: tuple[PolicyWarning, ...]
    policies: PolicyStore | None
    servers: Mapping[str, Server]
    notes: tuple[str, ...] = ()


def examine(loaded: LoadedConfig) -> Report:
    """Look at every part that the others don't depend on, and at the policies if their words are known.

    Policies are written in words of the catalogues and of the entity file: where one of those can't be used,
    what is wrong with the policies can't be told. A registry that can't be read from here, or isn't there
    yet, is no mistake in a file: it is noted.
    """
    errors: list[ConfigError] = []
    servers = _servers(loaded, errors)
    static = _tried(partial(load_static_entities, loaded), errors)
    for name in loaded.config.issuers:
        only = _with_only(loaded, "issuers", name)
        _tried(partial(_verified, only), errors)
        _tried(partial(_mapped, only), errors)
    found: Examined | None = None
    registries, notes = _registries(loaded)
    if len(servers) == len(loaded.config.servers):
        _tried(partial(shown_arguments, loaded, servers), errors)
    if static is not None and len(servers) == len(loaded.config.servers):
        found = _tried(partial(examine_policy_set, loaded, servers, static, registries), errors)
    return replace(_report(errors, found, servers), notes=tuple(notes))


def _registries(loaded: LoadedConfig) -> tuple[dict[str, Snapshot], list[str]]:
    registries, notes = {}, []
    for name, issuer in loaded.config.issuers.items():
        if issuer.registry is None:
            continue
        try:
            registries[name] = read_registry(loaded, name, 0.0)
        except ConfigError as error:
            notes.append(f"{error.problem}; so which machines of `{name}` there are isn't known")
    return registries, notes


def _report(errors: list[ConfigError], found: Examined | None, servers: Mapping[str, Server]) -> Report:
    if found is not None:
        errors += found.errors
    distinct = {(str(error), error.code): error for error in errors}
    return Report(
        errors=tuple(sorted(distinct.values(), key=_place)),
        warnings=() if found is None else found.survey(),
        policies=None if found is None or found.errors else found.store(),
        servers=servers,
    )


def _servers(loaded: LoadedConfig, errors: list[ConfigError]) -> dict[str, Server]:
    servers: dict[str, Server] = {}
    for name in loaded.config.servers:
        only = _with_only(loaded, "servers", name)
        servers |= _tried(partial(protected_servers, only), errors) or {}
    return servers


def _verified(loaded: LoadedConfig) -> list[Issuer]:
    return list(verified_issuers(loaded, lambda: 0.0, {}))


def _mapped(loaded: LoadedConfig) -> list[IssuerMapping]:
    return list(issuer_mappings(loaded))


def _with_only(loaded: LoadedConfig, section: str, name: str) -> LoadedConfig:
    one = {name: getattr(loaded.config, section)[name]}
    return replace(loaded, config=loaded.config.model_copy(update={section: one}))


def _tried(make: Callable[[], Made], errors: list[ConfigError]) -> Made | None:
    try:
        return make()
    except ConfigError as error:
        errors += (error, *error.others)
        return None


def _place(error: ConfigError) -> tuple[str, int, int]:
    return error.file or "", error.line or 0, error.column or 0
