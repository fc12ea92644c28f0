"""The section `review`."""

from typing import Annotated

from pydantic import Field

from policy_engine.config.texts import Paths, Texts
from policy_engine.files import FileModel

__all__ = ["ReviewConfig"]


class ReviewConfig(FileModel):
    """What `policy-engine review` asks besides what it always asks."""

    never: Texts = ()
    """Tools, actions and groups of actions that no machine may ever use."""
    ceiling: Paths = ()
    """Cedar policies that say what machines may do at most."""
    timeout: Annotated[float, Field(gt=0, le=3600)] = 10.0
    """Seconds that one question may take."""
