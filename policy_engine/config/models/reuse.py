"""The section `reuse`."""

from typing import Annotated

from pydantic import Field

from policy_engine.files import FileModel

__all__ = ["ReuseConfig"]


class ReuseConfig(FileModel):
    """What is kept between requests, so that the next one costs less."""

    answers: bool = True
    """Whether an answer of Cedar's is used again for the very same question."""
    tokens: Annotated[int, Field(ge=0, le=10_000_000)] = 8192
    """How many verified tokens are remembered; audience and times are checked each time."""
    megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    """What all of it may take together, about: half for tokens, half for entities, slices and answers."""
