"""The servers section: each server with its catalogue."""

from pathlib import Path
from typing import Any

from policy_engine.config.loader import LoadedConfig
from policy_engine.mcp import Catalogue, Server, is_origin

__all__ = ["introspected_at", "protected_servers"]


def protected_servers(loaded: LoadedConfig) -> dict[str, Server]:
    """Every server by name.

    Raises:
        ConfigError: a catalogue can't be read or used, or an origin isn't one.
    """
    return {
        name: Server(
            name=name,
            resource=server.resource,
            catalogue=None if server.catalogue is None else _catalogue(loaded, name, server.catalogue),
            unpinned=server.unpinned,
            changed=server.changed,
            origins=_origins(loaded, name, server.origins),
        )
        for name, server in loaded.config.servers.items()
    }


def introspected_at(loaded: LoadedConfig) -> dict[str, str]:
    """By server, the issuer that it says is asked about opaque tokens."""
    return {
        name: server.introspection
        for name, server in loaded.config.servers.items()
        if server.introspection is not None
    }


def _origins(loaded: LoadedConfig, name: str, origins: tuple[str, ...]) -> frozenset[str]:
    for position, origin in enumerate(origins):
        if not is_origin(origin):
            raise loaded.document.error(
                ("servers", name, "origins", position),
                "not an origin as browsers write it",
                "write scheme and host alone, in small letters, such as https://app.example.com",
            )
    return frozenset(origins)


def _catalogue(loaded: LoadedConfig, name: str, written: Path | dict[str, Any]) -> Catalogue:
    if isinstance(written, dict):
        return Catalogue.from_json(name, written)
    path = loaded.path(written)
    try:
        data = path.read_bytes()
    except OSError as error:
        place = ("servers", name, "catalogue")
        raise loaded.document.error(place, f"can't read `{path}`: {error.strerror}") from error
    return Catalogue.from_json(name, data, path)
