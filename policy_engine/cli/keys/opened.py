"""The signing keys of a configuration, opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_engine.authserver import StoredKeys
from policy_engine.config import authserver_of, load_config, sealer_of, store_of

__all__ = ["opened"]


@contextmanager
def opened(config: Path, *, create: bool) -> Iterator[StoredKeys]:
    """Open them.

    Args:
        config: the configuration file.
        create: whether to make the store where there is none.

    Raises:
        ConfigError: the configuration has no authorization server, or can't be used.
        StorageError: the store can't be reached.
    """
    loaded = load_config(config)
    algorithm, sealer = authserver_of(loaded).signing_algorithm, sealer_of(loaded)
    store = store_of(loaded, create=create)
    try:
        yield StoredKeys(store, sealer, algorithm=algorithm)
    finally:
        store.close()
