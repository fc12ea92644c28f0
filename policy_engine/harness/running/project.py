"""Whose configuration is it?"""

from pathlib import Path

from policy_engine.errors import ConfigError
from policy_engine.harness.scenarios import CONFIG

__all__ = ["nearest_config"]


def nearest_config(file: Path) -> Path:
    """The nearest configuration above a file that names none.

    Raises:
        ConfigError: there is none.
    """
    for folder in file.resolve().parents:
        if (folder / CONFIG).is_file():
            return folder / CONFIG
    raise ConfigError(f"no `{CONFIG}` is above it", remedy="name the configuration", file=file)
