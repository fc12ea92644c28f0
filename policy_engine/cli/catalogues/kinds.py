"""The kinds of items that a server lists, and that a catalogue pins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["KINDS", "TOOLS", "Kind", "unwrapped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of them.

    Attributes:
        member: that holds them, in a list and in a catalogue.
        key: the member that tells one item from another.
        noun: what one is called.
    """

    member: str
    key: str
    noun: str

    def key_of(self, item: Any) -> str | None:  # noqa: ANN401 -- a server's JSON
        """What tells an item from others; None if it has nothing of the sort."""
        key = item.get(self.key) if isinstance(item, dict) else None
        return key if isinstance(key, str) and key else None


TOOLS: Final = Kind(member="tools", key="name", noun="tool")

KINDS: Final = (
    TOOLS,
    Kind(member="prompts", key="name", noun="prompt"),
    Kind(member="resources", key="uri", noun="resource"),
    Kind(member="resourceTemplates", key="uriTemplate", noun="resource template"),
)
"""In the order in which they are told of."""


def unwrapped(kind: Kind, entry: Any) -> tuple[Any, Mapping[str, Any]]:  # noqa: ANN401 -- JSON
    """An item, and what an operator wrote around it: nothing, if the entry is the item itself.

    A server could list wrappers of its own, so whatever has a key is an item.
    """
    if not isinstance(entry, dict) or "item" not in entry or kind.key in entry:
        return entry, {}
    return entry["item"], {name: value for name, value in entry.items() if name != "item"}
