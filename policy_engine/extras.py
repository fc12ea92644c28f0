"""Libraries that only some need: how to get one that isn't installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from policy_engine.errors import ConfigError

__all__ = ["extra_needed"]


@contextmanager
def extra_needed() -> Iterator[None]:
    """Say how to get a library of the extra `server` that isn't installed.

    Raises:
        ConfigError: one isn't.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("policy_engine"):
            raise
        raise ConfigError(
            f"`{error.name.partition('.')[0]}` isn't installed",
            remedy="pip install 'policy-engine[server]'",
            code="extra",
        ) from None
