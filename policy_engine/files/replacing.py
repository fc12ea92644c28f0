"""Replace a file: by one that was checked in its place, at once, or not at all."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

from policy_engine.errors import ConfigError
from policy_engine.files.edit import Edit

__all__ = ["read_text", "replace_file"]


def read_text(file: Path) -> str:
    """A file's text as it is, line ends included.

    Raises:
        ConfigError: it can't be read.
    """
    try:
        return file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"can't read the file: {reason}", file=file) from error


def replace_file(file: Path, edit: Edit, *, check: Callable[[Path], None], write: bool = True) -> None:
    """Write an edited file beside the old one, check it there, and put it in its place.

    Links are followed, and the file keeps its mode and, where that is allowed, its owner.

    Args:
        file: what was edited.
        edit: its text as it was, and as it is to be.
        check: raises for a file that mustn't be put there; called with where it is written.
        write: whether to put it there in the end.

    Raises:
        ConfigError: what `check` raises, the disk refuses, or somebody else changed the file; then nothing
            changed.
    """
    target = file.resolve()
    try:
        written = _beside(target, edit.after)
        try:
            check(written)
            if not write:
                return
            if target.read_bytes() != edit.before.encode():
                raise ConfigError("the file was changed meanwhile", remedy="try again", file=file)
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        problem = f"can't write the file: {error.strerror}"
        raise ConfigError(problem, remedy="see who may write to its folder", file=file) from error


def _beside(target: Path, text: str) -> Path:
    """A new file in the same folder, since what it names may be relative to that."""
    before = target.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            with suppress(OSError):  # only root gives files away
                os.fchown(descriptor, before.st_uid, before.st_gid)
            path.chmod(S_IMODE(before.st_mode))  # after the owner, whose change takes some of it away
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path
