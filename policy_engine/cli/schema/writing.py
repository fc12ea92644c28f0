"""Put a catalogue in its place, and its name into the configuration: both, or neither."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from policy_engine.cli.schema.target import Target
from policy_engine.config import load_config
from policy_engine.errors import ConfigError
from policy_engine.files import Edit, add_key, read_text, replace_file
from policy_engine.mcp import Catalogue

__all__ = ["write_catalogue"]


def write_catalogue(target: Target, text: str) -> None:
    """Write a catalogue file, checked before it is there.

    Args:
        target: whose.
        text: its content.

    Raises:
        ConfigError: it can't be used or written, or the configuration can't be added to; nothing changed.
    """
    Catalogue.from_json(target.server, text, target.shown)
    key = None if target.named else _with_key(target)
    if target.text is None:
        _create(target.file, text)
    else:
        replace_file(target.file, Edit(before=target.text, after=text), check=lambda _: None)
    if key is not None:
        try:
            replace_file(target.config, key, check=_loads)
        except ConfigError:
            target.file.unlink()
            raise


def _loads(config: Path) -> None:
    load_config(config)


def _with_key(target: Target) -> Edit:
    try:
        return add_key(
            read_text(target.config),
            ("servers", target.server),
            "catalogue",
            target.catalogue.as_posix(),
        )
    except ConfigError as error:
        raise ConfigError(error.problem, remedy=error.remedy, file=target.config) from None


def _create(file: Path, text: str) -> None:
    """A file that isn't there: all of it at once, and in nobody's place."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.stem}-", suffix=file.suffix, dir=file.parent)
        written = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(descriptor)
            written.chmod(0o666 & ~_umask())
            os.link(written, file)  # unlike a move, it never replaces
        finally:
            with suppress(OSError):
                written.unlink()
    except OSError as error:
        problem = f"can't write the file: {error.strerror}"
        raise ConfigError(problem, remedy="see who may write to its folder", file=file) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
