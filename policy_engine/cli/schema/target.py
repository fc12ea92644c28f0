"""The server that a subcommand is about, and its catalogue as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_engine.cli.catalogues import Entry, read_entries
from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError
from policy_engine.files import read_text

__all__ = ["Target", "find_target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A configured server.

    Attributes:
        config: the configuration file.
        loaded: what it says.
        server: the server's name.
        catalogue: where its catalogue is, or is to be, as the configuration says it.
        named: whether the configuration says it.
        text: what is in that file; None if it isn't there.
        entries: the same, read.
    """

    config: Path
    loaded: LoadedConfig
    server: str
    catalogue: Path
    named: bool
    text: str | None
    entries: Sequence[Entry]

    @property
    def resource(self) -> str:
        """The server's canonical URI."""
        return self.loaded.config.servers[self.server].resource

    @property
    def file(self) -> Path:
        """The catalogue as the process can open it."""
        return self.loaded.path(self.catalogue)

    @property
    def shown(self) -> Path:
        """The same for people: beside the configuration, as they named that."""
        return self.config.parent / self.catalogue


def find_target(config: Path, server: str | None) -> Target:
    """Find the server, and read its catalogue.

    Args:
        config: the configuration file.
        server: its name; may be left out where one is configured.

    Raises:
        ConfigError: there is no such server, or its catalogue can't be used.
    """
    loaded = load_config(config)
    names = sorted(loaded.config.servers)
    if server is None and len(names) > 1:
        raise ConfigError("several servers are configured", remedy=f"name one: {', '.join(names)}")
    name = names[0] if server is None else server
    if name not in names:
        remedy = f"configured are: {', '.join(names)}"
        raise ConfigError(f"no server is named `{name}`", remedy=remedy, file=config)
    written = loaded.config.servers[name].catalogue
    if isinstance(written, dict):
        remedy = "move it to a file, and name that"
        raise loaded.document.error(
            ("servers", name, "catalogue"), "the catalogue is part of the configuration", remedy
        )
    catalogue = Path("catalogues") / f"{name}.json" if written is None else written
    file = loaded.path(catalogue)
    there = file.exists()
    if there and written is None:
        remedy = f"name it, `catalogue: {catalogue}`, or move it away"
        raise ConfigError(
            "the file is there, and the configuration doesn't name it", remedy=remedy, file=file
        )
    text = read_text(file) if there else None
    entries = [] if text is None else read_entries(text, file)
    return Target(
        config=config,
        loaded=loaded,
        server=name,
        catalogue=catalogue,
        named=written is not None,
        text=text,
        entries=entries,
    )
