"""A configuration that a program gives as values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.errors import ConfigError

__all__ = ["given"]


def given(
    policies: str | Path | list[Path],
    entities: list[dict[str, Any]] | None,
    sections: Mapping[str, Mapping[str, Any] | None],
    *,
    development: bool,
) -> LoadedConfig:
    """Check what `PolicyEngine` was given.

    Args:
        policies: Cedar text, or paths of folders and files.
        entities: static entities (Cedar JSON), if any.
        sections: by name, what the file would hold.
        development: allow loopback http issuers.

    Raises:
        ConfigError: something can't be used.
    """
    text, paths = (policies, []) if isinstance(policies, str) else (None, policies)
    if text is not None and "(" not in text and text.strip():
        problem = "`policies` is text, and no policy is in it"
        raise ConfigError(problem, remedy="give a path as one: policies=Path(…)")
    values = {
        "version": 1,
        "development": development,
        **{name: _plain(section or {}) for name, section in sections.items()},
        "policies": [paths] if isinstance(paths, Path) else paths,
    }
    return config_from_values(values, policy_text=text, entity_values=entities)


def _plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that is what a file would give, of its two outer levels."""
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in section.items()}
