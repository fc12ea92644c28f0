"""Reviews as files, by the end of their names."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from policy_engine.errors import ConfigError
from policy_engine.review import Review
from policy_engine.review.access import Access
from policy_engine.review.report import Comparison, access_csv, html, markdown, record_text, sarif_text

__all__ = ["WRITERS", "check_reports", "shown", "write_reports"]


def shown(file: str) -> str:
    """The path of a file as readers know it: from where the command was given."""
    try:
        return Path(os.path.relpath(Path(file).resolve())).as_posix()
    except ValueError:  # on another drive
        return file


def _matrix(review: Review) -> str:
    if not isinstance(review.access, Access):
        problem = "the policies have errors, so nobody knows who can do what"
        raise ConfigError(problem, remedy="mend them first: policy-engine validate")
    return access_csv(review.access)


Writer = Callable[[Review, Comparison | None], str]

WRITERS: Final[Mapping[str, Writer]] = MappingProxyType(
    {
        ".html": lambda review, comparison: html(review, comparison=comparison, shown=shown),
        ".md": lambda review, comparison: markdown(review, comparison=comparison, shown=shown),
        ".json": lambda review, _: record_text(review, shown=shown),
        ".sarif": lambda review, _: sarif_text(review, shown=shown),
        ".csv": lambda review, _: _matrix(review),
    }
)
"""What writes a report, by the end of its name."""


def check_reports(files: tuple[Path, ...]) -> None:
    """Before anything is asked.

    Raises:
        ConfigError: it isn't known how one is to be written, or where.
    """
    for file in files:
        if file.suffix.lower() not in WRITERS:
            known = ", ".join(WRITERS)
            raise ConfigError(
                f"`{file.name}` is no report", remedy=f"end its name in {known}", file=str(file)
            )
        if not file.absolute().parent.is_dir():
            raise ConfigError("there is no such folder", remedy="make it first", file=str(file.parent))


def write_reports(review: Review, comparison: Comparison | None, files: tuple[Path, ...]) -> None:
    """Write a review, once a file."""
    for file in files:
        file.write_text(WRITERS[file.suffix.lower()](review, comparison), "utf-8")
