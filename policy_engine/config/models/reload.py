"""The section `reload`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policy_engine.files import FileModel

__all__ = ["ReloadConfig"]

Question = Literal["separation", "ceiling", "never", "delegation", "health"]


def _as_questions(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if value is False:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise ValueError("should be false, or questions of the review, such as [separation]")  # noqa: TRY004 -- the one that is reported
    return value


Questions = Annotated[
    tuple[Question, ...],
    Field(strict=False),
    BeforeValidator(_as_questions, json_schema_input_type=Literal[False] | list[Question]),
]


class ReloadConfig(FileModel):
    """What a server does about changed files, and what has to hold before they count."""

    watch: bool = False
    """Whether files are watched; omitted: they are loaded anew at SIGHUP only."""
    every: Annotated[float, Field(ge=0.05, le=3600)] = 2.0
    """Seconds between two looks; what changed has to stay as it is for as long before it is loaded."""
    scenarios: bool = True
    """Whether the `*.scenario.yaml` beside it have to pass."""
    review: Questions = ()
    """Questions of `policy-engine review` that have to be proved; `review` says how long one may take."""
