"""A catalogue as text that a person reviews: what can't be seen is written as an escape."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from policy_engine.mcp import item_digest

__all__ = ["catalogue_text"]


def catalogue_text(entries: Iterable[Mapping[str, Any]]) -> str:
    """The text of a catalogue file.

    Args:
        entries: each with `item`, as the server lists it, and `reviewed`. The digest is added here.
    """
    tools = [
        {"reviewed": entry["reviewed"], "sha256": item_digest(entry["item"]), "item": entry["item"]}
        for entry in entries
    ]
    text = json.dumps({"tools": tools}, indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(map(_visible, text)) + "\n"


def _visible(char: str) -> str:
    """A direction mark or a zero-width character could hide from a reviewer what a model reads."""
    if char.isprintable() or char == "\n":
        return char
    return json.dumps(char)[1:-1]
