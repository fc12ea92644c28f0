"""Files of secrets and private keys: new ones, for their owner alone; and files that are replaced at once."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISREG

from policy_engine.errors import ConfigError, StaleError

__all__ = ["kept", "replaced", "shared_secret_text"]

_OWNER, _EVERYBODY = 0o600, 0o644
_OTHERS, _OTHERS_WRITE = 0o077, 0o022
_ROOT = 0
_MAX_CHARS = 4096


@contextmanager
def kept(file: Path | None, text: str) -> Iterator[None]:
    """Write a file before what it is for is done, and take it away if that is refused.

    Args:
        file: one that isn't there; None to write none.
        text: what only its owner may read.

    Raises:
        ConfigError: it is there already, or can't be written.
    """
    if file is None:
        yield
        return
    _write_new(file, text)
    try:
        yield
    except (ConfigError, StaleError):
        # Whatever else fails, it may have been done: then nobody else has what the file holds.
        file.unlink(missing_ok=True)
        raise


def shared_secret_text(file: Path, text: str) -> str:
    """Write a text to a file, unless there is one already; what it holds then.

    Of several at once, all get the same. One that somebody else may have put there, or may read, isn't taken.

    Raises:
        ConfigError: it can't be written or read, or isn't for its owner alone.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = _open_folder(file.parent)
        try:
            written = _beside(file, text, _OWNER)
            try:
                with suppress(FileExistsError):
                    os.link(written, file)
            finally:
                written.unlink()
            return _read_own(file, folder).strip()
        finally:
            os.close(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise _error(file, error) from None


def _open_folder(folder: Path) -> int:
    """Open a folder in which nobody else can put, replace or remove files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    status = os.fstat(descriptor)
    if status.st_uid not in {os.geteuid(), _ROOT} or status.st_mode & _OTHERS_WRITE:
        os.close(descriptor)
        raise ConfigError(
            "others can put files into the folder",
            remedy=f"chmod go-w {folder}, or choose another",
            file=folder,
        )
    return descriptor


def _read_own(file: Path, folder: int) -> str:
    """Read a file of a folder that nobody else wrote or can read; it isn't looked for elsewhere."""
    try:
        # A pipe would keep us waiting.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(file.name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _foreign(file) from None
        raise
    with os.fdopen(descriptor, "r", encoding="ascii") as stream:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & _OTHERS:
            raise _foreign(file)
        return stream.read(_MAX_CHARS)


def _foreign(file: Path) -> ConfigError:
    return ConfigError(
        "the secret isn't yours alone: it is another's file, others may read it, or it is a link",
        remedy="delete it, and have a new one made",
        file=file,
    )


def replaced(file: Path, text: str) -> None:
    """Put a file in the place of another one, which readers see whole, before or after.

    Raises:
        ConfigError: it can't be written; then the old one is still there.
    """
    target = file.resolve()
    try:
        mode = S_IMODE(target.stat().st_mode) if target.exists() else _EVERYBODY
        written = _beside(target, text, mode)
        try:
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise _error(file, error) from None


def _write_new(file: Path, text: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(descriptor)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise ConfigError(
            "the file is there already, and is never overwritten", remedy="name another one", file=file
        ) from None
    except OSError as error:
        raise _error(file, error) from None


def _beside(file: Path, text: str, mode: int) -> Path:
    """A new file in the same folder."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.stem}-", dir=file.parent)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            path.chmod(mode)
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _error(file: Path, error: Exception) -> ConfigError:
    reason = error.strerror if isinstance(error, OSError) else "not a secret"
    return ConfigError(
        f"can't write the file: {reason}", remedy="choose a place that can be written", file=file
    )
