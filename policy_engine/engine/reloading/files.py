"""The files that a configuration is made of, and what is in each."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError
from policy_engine.evaluator import policy_files

__all__ = ["FileState", "Files", "Seen", "named_files"]

Also = Callable[[LoadedConfig], Iterable[Path]]
"""What else is to be watched, such as the scenarios of a set."""

_Stat = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class FileState:
    """A file, as it was when it was looked at.

    Attributes:
        stat: device, inode, times of content and inode, and size: a file that was put in its place differs.
        digest: SHA-256 of what is in it; empty if it couldn't be read.
    """

    stat: _Stat
    digest: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """All files at one look; None for one that isn't there."""

    states: Mapping[Path, FileState | None] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def says_the_same(self, other: "Seen") -> bool:
        """Whether the same is in the same files, whenever it was written."""
        return _digests(self) == _digests(other)

    def written_since(self, time: float) -> bool:
        """Whether a file was written, or put in its place, after a time in seconds since the epoch."""
        return any(state is not None and max(state.stat[2:4]) > time * 1e9 for state in self.states.values())


class Files:
    """Looks at the files of a configuration; what didn't change since the last look isn't read again.

    Args:
        loaded: gives what is in force, whose files are looked at where the configuration can't be read now.
        also: names further files.
    """

    def __init__(self, loaded: Callable[[], LoadedConfig], also: Also = lambda _: ()) -> None:
        self._loaded = loaded
        self._also = also
        self._last: Mapping[Path, FileState | None] = {}
        self._named: tuple[FileState | None, LoadedConfig] | None = None

    def look(self) -> Seen:
        """What is there now, with policies and scenarios that were added."""
        loaded = self._loaded()
        file = loaded.document.file
        found: dict[Path, FileState | None] = {}
        if file is not None:
            config = Path(file)
            found[config] = self._state(config)
            loaded = self._as_written(config, found[config], loaded)
        for path in (*named_files(loaded), *self._also(loaded)):
            if path not in found:
                found[path] = self._state(path)
        self._last = found
        return Seen(MappingProxyType(found))

    def _as_written(self, config: Path, state: FileState | None, in_force: LoadedConfig) -> LoadedConfig:
        """The configuration as it is now: what it names in place of what it named may need mending, too."""
        if self._named is None or self._named[0] != state:
            try:
                self._named = state, load_config(config)
            except ConfigError:
                self._named = state, in_force
        return self._named[1]

    def _state(self, path: Path) -> FileState | None:
        try:
            found = path.stat()
        except OSError:
            return None
        stat = found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size
        last = self._last.get(path)
        if last is not None and last.stat == stat:
            return last
        try:
            return FileState(stat, hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            return FileState(stat, b"")


def named_files(loaded: LoadedConfig) -> Iterator[Path]:
    """Every file but its own that a configuration is loaded from, and folders of which nothing can be read.

    What is fetched isn't among them, nor what only a server reads when it starts.
    """
    config = loaded.config
    named: list[Path | None] = [config.entities, *config.review.ceiling]
    named += [server.catalogue for server in config.servers.values() if isinstance(server.catalogue, Path)]
    for issuer in config.issuers.values():
        own = Path(issuer.profile) if issuer.profile.endswith((".yaml", ".yml")) else None
        named += [None if issuer.keys is None else issuer.keys.file, issuer.development_key, own]
        if issuer.introspection is not None:
            named += [issuer.introspection.client_secret_file, issuer.introspection.key]
    yield from (loaded.path(path) for path in named if path is not None)
    for path in config.policies:
        place = loaded.path(path)
        yield from policy_files(place) if os.path.isdir(place) else (place,)  # noqa: PTH112 -- no error for any name


def _digests(seen: Seen) -> dict[Path, bytes | None]:
    return {path: None if state is None else state.digest for path, state in seen.states.items()}
