"""Where something secret is kept, since it never stands in the configuration itself."""

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from policy_engine.config.texts import FilePath
from policy_engine.files import FileModel

__all__ = ["KeptConfig"]


class KeptConfig(FileModel):
    """Where something secret is kept: exactly one of the two."""

    file: FilePath | None = None
    """A file that holds it."""
    env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """The name of a variable that holds it."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give exactly one of `file` and `env`")
        return self
