"""The shape of `registry` at an issuer: where the engine reads which machines our own server knows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from policy_engine.files import FileModel

__all__ = ["REGISTRY", "RegistryConfig", "with_registry"]

REGISTRY = "registry"
"""What `clients` says in place of a list."""


class RegistryConfig(FileModel):
    """Where an engine reads which machines are registered at our own server, and which tokens are denied.

    With `clients: registry`, at an issuer with the profile `policy-engine` alone; with neither `store` nor
    `file` it is the store of `authserver`. A thread looks there each second, and no decision waits for it.
    What `policy-engine token deny` denies is of this issuer; tokens of others aren't looked up there.
    """

    store: Annotated[str, StringConstraints(min_length=1)] | None = Field(default=None, repr=False)
    """The database: the path of an SQLite file, or `postgresql://…`; with a password as `${NAME}`."""
    file: Annotated[Path, Field(strict=False)] | None = None
    """What `policy-engine clients export --registry` wrote; it is read again when it changes."""
    max_stale_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    """For how long the last reading counts where there is no newer one; then every token is refused."""

    @model_validator(mode="after")
    def _at_most_one(self) -> "RegistryConfig":
        if self.store is not None and self.file is not None:
            raise ValueError("give either `store` or `file`")
        return self


def with_registry(written: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    """Write `clients: registry` as the one that is meant, so that `clients` is always a list.

    Raises:
        ValueError: there is a `registry`, and `clients` doesn't ask for it.
    """
    if not isinstance(written, Mapping):
        return written
    if written.get("clients") == REGISTRY:
        where = written.get(REGISTRY)
        return {**written, "clients": {}, REGISTRY: {} if where is None else where}
    if written.get(REGISTRY) is not None:
        raise ValueError("`registry` goes with `clients: registry`")
    return written
