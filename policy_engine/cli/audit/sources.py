"""Which files a command of `policy-engine audit` reads."""

from pathlib import Path
from typing import Annotated

import typer

from policy_engine.audit import rotated_files
from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError

__all__ = ["FilesArgument", "configured", "files_of", "log_of"]

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="The files, oldest first; those of the configuration if none is given."),
]


def configured(files: list[Path] | None, config: Path) -> LoadedConfig | None:
    """The configuration, where no files were named."""
    return None if files else load_config(config)


def files_of(files: list[Path] | None, loaded: LoadedConfig | None) -> list[Path]:
    """The files that were named; or those of the configuration, those that were moved aside first.

    Raises:
        ConfigError: there is none.
    """
    if files or loaded is None:
        return list(files or ())
    path = log_of(loaded)
    found = [*rotated_files(path), *([path] if path.exists() else [])]
    if not found:
        remedy = "nothing was recorded yet; or name the files"
        raise ConfigError("there is no such audit log", remedy=remedy, file=path)
    return found


def log_of(loaded: LoadedConfig) -> Path:
    """The file that the configuration has written.

    Raises:
        ConfigError: it has none written.
    """
    file = loaded.config.audit.file
    if file is None:
        raise loaded.document.error((), "no audit log is written to a file", "name one: `audit.file`")
    return loaded.path(file)
