"""Write a project: all of it, or nothing."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath

from policy_engine.cli.starter.project import Project
from policy_engine.errors import ConfigError

__all__ = ["install"]

_ELSEWHERE = "choose another folder, or overwrite with --force"


def install(project: Project, folder: Path, *, force: bool, check: Callable[[Path], None]) -> None:
    """Write a project aside, check it there, and move it to its place.

    Args:
        project: what to write.
        folder: where; made if it isn't there. What is in it and isn't part of the project stays.
        force: overwrite files that are there.
        check: raises for a project that can't be used; called with where it is written.

    Raises:
        ConfigError: a file is there and may not be overwritten, or the disk refuses; then nothing changed.
    """
    try:
        if in_the_way := list(_in_the_way(project, folder, force=force)):
            raise ConfigError.first_of(in_the_way)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _workshop(folder) as workshop:
            written = workshop / "project"
            _write(project, written)
            check(written)
            if folder.exists():
                _move_into(project, written, folder, workshop)
            else:
                written.rename(folder)
    except OSError as error:
        problem = f"can't write the project: {error.strerror}"
        remedy = "choose a folder that can be written"
        raise ConfigError(problem, remedy=remedy, file=error.filename or folder) from error


def _in_the_way(project: Project, folder: Path, *, force: bool) -> Iterator[ConfigError]:
    """Whatever can't be replaced: files unless `force`, and what is a file here and a folder there."""
    if os.path.lexists(folder) and not folder.is_dir():
        yield ConfigError("not a folder", remedy="choose another place", file=folder)
        return
    parents = {folder / parent for name in project.texts for parent in name.parents}
    for parent in sorted(parents):
        if os.path.lexists(parent) and not parent.is_dir():
            yield ConfigError("a file is where a folder goes", remedy="choose another place", file=parent)
    # Policies that are there already count, too: they would be loaded as a part of the project.
    files = {folder / name for name in project.texts}
    for file in sorted(files | set(folder.glob("policies/**/*.cedar"))):
        if file.is_dir() and not file.is_symlink():
            yield ConfigError("a folder is where a file goes", remedy="choose another place", file=file)
        elif os.path.lexists(file) and not force:
            yield ConfigError("the file is there already", remedy=_ELSEWHERE, file=file)


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder on the same file system, so that what is finished is moved in at once."""
    place = folder if folder.exists() else folder.parent
    workshop = Path(tempfile.mkdtemp(prefix=".policy-engine-", dir=place))
    try:
        yield workshop
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _write(project: Project, folder: Path) -> None:
    folder.mkdir()
    for name, text in project.texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        private = name in project.private
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)


def _move_into(project: Project, written: Path, folder: Path, workshop: Path) -> None:
    """Move file by file into a folder that is there; undo it all if one can't be moved."""
    undo: list[Callable[[], object]] = []
    try:
        for name in project.texts:
            target = folder / name
            for parent in reversed(_missing_parents(folder, name)):
                parent.mkdir()
                undo.append(parent.rmdir)
            if os.path.lexists(target):
                kept = _set_aside(target, workshop / f"kept-{len(undo)}")
                undo.append(partial(kept.rename, target))
            (written / name).rename(target)
            undo.append(target.unlink)
    except BaseException:
        for step in reversed(undo):
            with suppress(OSError):
                step()
        raise


def _set_aside(file: Path, kept: Path) -> Path:
    if file.is_dir() and not file.is_symlink():  # it came after we looked; what is in it isn't ours
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    return file.rename(kept)


def _missing_parents(folder: Path, name: PurePosixPath) -> list[Path]:
    parents = [folder / parent for parent in name.parents if parent.name]
    return [parent for parent in parents if not parent.exists()]
