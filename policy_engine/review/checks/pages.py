"""The page of a check, taken apart: a title, and what stands under each of its headings."""

import re
from collections.abc import Mapping
from textwrap import dedent
from types import MappingProxyType

__all__ = ["page_title", "sections"]

_HEADING = re.compile(r"^(\w[^\n:]*):$", re.MULTILINE)


def page_title(page: str) -> str:
    """What is found, in a few words: the first line, without its code and its full stop."""
    return page.splitlines()[0].partition(": ")[2].removesuffix(".")


def sections(page: str) -> Mapping[str, str]:
    """What stands under each heading, as Markdown, in the order of the page."""
    _, *parts = _HEADING.split(page)
    texts = (dedent(text.strip("\n")).strip() for text in parts[1::2])
    return MappingProxyType(dict(zip(parts[::2], texts, strict=True)))
