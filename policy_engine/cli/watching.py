"""Files that a configuration is made of, and waiting until one of them changes."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError

__all__ = ["Stamps", "Watched", "stamp", "watch"]

Stamps = Mapping[Path, tuple[int, int] | None]
"""When each file was written, and how long it is; None for one that isn't there."""


class Watched:
    """The files of a configuration, as they are when they are asked for.

    Args:
        config: the configuration file; what else there is to watch stands in it.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._read_at: tuple[int, int] | None = None
        self._named: tuple[Path, ...] = ()

    def stamps(self) -> Stamps:
        """The state of every file, policies that were added included."""
        written = stamp(self._config)
        if written is None or written != self._read_at:
            self._read_at, self._named = written, tuple(self._read())
        paths = [self._config, *(file for path in self._named for file in _files(path))]
        return {path: stamp(path) for path in paths}

    def _read(self) -> Iterator[Path]:
        try:
            loaded = load_config(self._config)
        except ConfigError:
            return
        yield from _named_in(loaded)


def watch(run: Callable[[], None], stamps: Callable[[], Stamps], pause: Callable[[], None]) -> None:
    """Run now, and again after each change, until the process is interrupted.

    Args:
        run: what to do.
        stamps: the state of the files.
        pause: waits before they are looked at again.
    """
    try:
        while True:
            seen = stamps()  # before the run: what changes while it runs is a change
            run()
            while stamps() == seen:
                pause()
    except KeyboardInterrupt:
        return


def _named_in(loaded: LoadedConfig) -> Iterator[Path]:
    config = loaded.config
    named = [*config.policies, config.entities]
    named += [server.catalogue for server in config.servers.values() if isinstance(server.catalogue, Path)]
    for issuer in config.issuers.values():
        own = Path(issuer.profile) if issuer.profile.endswith((".yaml", ".yml")) else None
        named += [issuer.keys.file if issuer.keys else None, issuer.development_key, own]
    yield from (loaded.path(path) for path in named if path is not None)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(path.rglob("*.cedar"))
    else:
        yield path


def stamp(path: Path) -> tuple[int, int] | None:
    """When a file was written, and how long it is; None if it isn't there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
