"""How a difference is told."""

from enum import StrEnum

__all__ = ["DiffFormat"]


class DiffFormat(StrEnum):
    """For people, for programs, or for a pull request."""

    text = "text"
    json = "json"
    markdown = "markdown"
