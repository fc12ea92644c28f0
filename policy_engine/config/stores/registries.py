"""Registries of machines that the configuration names at its issuers: watched by an engine, or read once."""

from collections.abc import Callable, Hashable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from policy_engine.config.attributes import declared_attributes
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.stores.opening import authserver_of, open_written
from policy_engine.errors import ConfigError, StorageError
from policy_engine.registry import ExportedFile, RegistryWatch, Snapshot, Source, StoredRegistry

__all__ = ["Registries", "read_registry", "watch_registries"]

Registries = Mapping[str, RegistryWatch]
"""By the name of the issuer."""


def watch_registries(
    loaded: LoadedConfig, now: Callable[[], float], known: Registries, undo: ExitStack
) -> Registries:
    """Watch the registry of each issuer that has one.

    Args:
        loaded: the configuration.
        now: the clock.
        known: those in use: what is configured as before is watched on, so that a reload during an outage
            loses nothing.
        undo: closes those that are new, where what they are for comes to nothing.

    Raises:
        ConfigError: one can't be read.
    """
    watched: dict[str, RegistryWatch] = {}
    for name in loaded.config.issuers:
        if loaded.config.issuers[name].registry is None:
            continue
        key = _key(loaded, name)
        before = known.get(name)
        if before is not None and before.key == key and not before.is_closed:
            before.look()
            watched[name] = before
            continue
        watched[name] = _watch(loaded, name, key, now)
        undo.callback(watched[name].close)
    return watched


def read_registry(loaded: LoadedConfig, name: str, at: float) -> Snapshot:
    """Read the registry of an issuer once.

    Raises:
        ConfigError: it can't be read.
    """
    source = _source(loaded, name)
    try:
        source.version()
        return Snapshot.of(source.read(), declared_attributes(loaded.config)["Client"], at)
    except StorageError as error:
        raise _unreadable(loaded, name, error) from error
    finally:
        source.close()


def _watch(loaded: LoadedConfig, name: str, key: Hashable, now: Callable[[], float]) -> RegistryWatch:
    registry = loaded.config.issuers[name].registry
    assert registry is not None  # noqa: S101 -- who calls has looked
    try:
        return RegistryWatch(
            _source(loaded, name),
            key=key,
            issuer=name,
            declared=declared_attributes(loaded.config)["Client"],
            now=now,
            max_stale=registry.max_stale_seconds,
        )
    except StorageError as error:
        raise _unreadable(loaded, name, error) from error


def _key(loaded: LoadedConfig, name: str) -> Hashable:
    """All that a watch is made of."""
    declared = tuple(sorted(declared_attributes(loaded.config)["Client"].items()))
    registry, place = loaded.config.issuers[name].registry, _place(loaded, name)
    return place, None if registry is None else (registry.file, registry.max_stale_seconds), declared


def _place(loaded: LoadedConfig, name: str) -> tuple[tuple[str, ...], str]:
    """Where the configuration says where it is, and what it says there."""
    registry = loaded.config.issuers[name].registry
    if registry is not None and registry.file is not None:
        return ("issuers", name, "registry", "file"), str(loaded.path(registry.file))
    if registry is not None and registry.store is not None:
        return ("issuers", name, "registry", "store"), registry.store
    return ("issuers", name, "clients"), authserver_of(loaded).store


def _source(loaded: LoadedConfig, name: str) -> Source:
    place, written = _place(loaded, name)
    if place[-1] == "file":
        return ExportedFile(Path(written))
    return StoredRegistry(partial(open_written, loaded, place, written))


def _unreadable(loaded: LoadedConfig, name: str, error: StorageError) -> ConfigError:
    place, _ = _place(loaded, name)
    problem = f"the registry of `{name}` can't be read: {error.note}"
    return loaded.document.error(place, problem, "see that it is there, and that it can be reached")
