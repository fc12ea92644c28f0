"""Private keys that stand in for issuers in development."""

import json
from pathlib import Path

from policy_engine.config import load_config
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

__all__ = ["missing_keys", "new_key", "write_key"]


def new_key() -> str:
    """A private JWK (RFC 7517), as text; made anew on each call."""
    return json.dumps(SigningKey.generate("ES256").to_jwk(), indent=2) + "\n"


def missing_keys(config: Path) -> list[Path]:
    """Development keys that a configuration names and that aren't there.

    Raises:
        ConfigError: the configuration can't be used.
    """
    loaded = load_config(config)
    named = [issuer.development_key for issuer in loaded.config.issuers.values()]
    paths = dict.fromkeys(loaded.path(path) for path in named if path is not None)
    return [path for path in paths if not path.exists()]


def write_key(path: Path) -> None:
    """Write a new key where none is, for its owner to read.

    Raises:
        ConfigError: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(new_key(), "utf-8")
    except OSError as error:
        problem = f"can't write the key: {error.strerror}"
        raise ConfigError(problem, remedy="choose a place that can be written", file=path) from error
