"""The two sides of a comparison: policies, or whole configurations, here or in git."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.evaluator import expand
from policy_engine.harness import World
from policy_engine.harness.scenarios import CONFIG

__all__ = ["Side", "opened", "world_of", "worlds_of"]

_CONFIGURATIONS: Final = (".yaml", ".yml")
_PATIENCE: Final = 60
"""Seconds that git may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side.

    Attributes:
        name: as it was named.
        path: where it is.
        root: the folder that git's files were put in, if they were.
    """

    name: str
    path: Path
    root: Path | None = None

    @property
    def config(self) -> Path | None:
        """The configuration, if it is one."""
        if self.path.is_dir() and (self.path / CONFIG).is_file():
            return self.path / CONFIG
        return self.path if self.path.suffix in _CONFIGURATIONS and self.path.is_file() else None

    def shown(self, file: str) -> str:
        """A file of this side, as people know it."""
        path = Path(file)
        if self.root is not None and path.resolve().is_relative_to(self.root.resolve()):
            revision = self.name.partition(":")[0]
            return f"{revision}:{path.resolve().relative_to(self.root.resolve()).as_posix()}"
        try:
            return path.resolve().relative_to(Path.cwd()).as_posix()
        except ValueError:
            return file


@contextmanager
def opened(name: str) -> Iterator[Side]:
    """A path; or `REVISION:PATH`, as git has it, put in a folder that is thrown away.

    Raises:
        ConfigError: there is no such thing.
    """
    path = Path(name)
    revision, colon, within = name.partition(":")
    if path.exists():
        yield Side(name=name, path=path)
    elif colon and revision:
        with TemporaryDirectory(prefix="policy-engine-") as folder:
            root = Path(folder)
            inside = _checked_out(revision, within, root)
            if not inside.exists():
                raise ConfigError(f"git has no `{within}` in `{revision}`", remedy="name a path that it has")
            yield Side(name=name, path=inside, root=root)
    else:
        raise ConfigError(
            f"there is no `{name}`",
            remedy="name a folder or file with policies, a configuration, or REVISION:PATH of git",
        )


def worlds_of(old: Side, new: Side, config: Path | None) -> tuple[World, World]:
    """Both sides, loaded; policies without a configuration are taken into that of the other side.

    Args:
        old: as it is.
        new: as it would be.
        config: the configuration of policies that come without; the nearest one if it isn't given.

    Raises:
        ConfigError: something can't be used.
    """
    if old.config is not None and new.config is not None:
        return World.load(old.config), World.load(new.config)
    base = config or old.config or new.config or _nearest(new) or _nearest(old)
    if base is None:
        raise ConfigError(f"no `{CONFIG}` is above the policies", remedy="name the configuration: --config")
    world = World.load(base)
    return world_of(old, world), world_of(new, world)


def world_of(side: Side, world: World) -> World:
    """A side, in a world whose configuration it takes over if it has none of its own.

    Raises:
        ConfigError: its policies can't be used.
    """
    if side.config is not None:
        own = world.loaded.document.file
        return (
            world if own is not None and own.resolve() == side.config.resolve() else World.load(side.config)
        )
    return world.with_policies(expand([side.path]))


def _nearest(side: Side) -> Path | None:
    if side.root is not None:
        return None
    above = side.path.resolve().parents
    return next((folder / CONFIG for folder in above if (folder / CONFIG).is_file()), None)


def _checked_out(revision: str, within: str, root: Path) -> Path:
    """All files of a revision; where a path is among them that is given from git's top, or with `./`.

    Raises:
        ConfigError: git doesn't know it, or isn't there.
    """
    if revision.startswith("-"):
        raise ConfigError(f"`{revision}` is no revision", remedy="name a commit, a branch or a tag")
    prefix = _git("rev-parse", "--show-prefix").decode().strip()
    top = _git("rev-parse", "--show-toplevel").decode().strip()
    archive = _git("-C", top, "archive", "--format=tar", revision)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(root, filter="data")
    relative = (
        Path(prefix) / within if within.startswith(("./", "../")) or within in (".", "..") else Path(within)
    )
    found = (root / relative).resolve()
    if not found.is_relative_to(root.resolve()):
        raise ConfigError(f"`{within}` is outside what git has", remedy="name a path that it has")
    return found


def _git(*words: str) -> bytes:
    try:
        return subprocess.run(  # noqa: S603 -- nothing of it is read by a shell
            ("git", *words),  # noqa: S607 -- whichever git its user has
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
        ).stdout
    except FileNotFoundError:
        raise ConfigError("git isn't installed", remedy="name folders instead") from None
    except subprocess.TimeoutExpired:
        raise ConfigError("git doesn't answer", remedy="name folders instead") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        problem = said[0] if said else "it fails"
        raise ConfigError(f"git: {problem}", remedy="name a revision and a path that it has") from None
