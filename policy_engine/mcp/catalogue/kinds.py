"""What a server lists and a catalogue pins, in one table."""

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ITEM_KINDS", "PROMPTS", "RESOURCES", "TEMPLATES", "TOOLS", "ItemKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKind:
    """One kind of items.

    Attributes:
        method: what asks for a list of them; the same in both revisions.
        member: the member that holds them, in an answer and in a catalogue.
        type: the entity type of one.
        key: the member of an item that tells it from others.
        noun: what one is called.
        folds: whether readers may take two keys for one that differ in case or form alone: names, never URIs.
        taken: keys that are ours.
    """

    method: str
    member: str
    type: str
    key: str
    noun: str
    folds: bool = False
    taken: frozenset[str] = frozenset()

    def key_of(self, item: Any) -> str | None:  # noqa: ANN401 -- a server's JSON
        """What tells an item from others; None if it has nothing of the sort."""
        key = item.get(self.key) if isinstance(item, dict) else None
        return key if isinstance(key, str) and key else None


# `Action::"github/*"` is the group of all tools, `Action::"github/?"` calls any other. Prompts have no action
# of their own, so that theirs are names like others.
TOOLS: Final = ItemKind(
    method="tools/list",
    member="tools",
    type="Tool",
    key="name",
    noun="tool",
    folds=True,
    taken=frozenset({"*", "?"}),
)

PROMPTS: Final = ItemKind(
    method="prompts/list", member="prompts", type="Prompt", key="name", noun="prompt", folds=True
)

RESOURCES: Final = ItemKind(
    method="resources/list", member="resources", type="Resource", key="uri", noun="resource"
)

TEMPLATES: Final = ItemKind(
    method="resources/templates/list",
    member="resourceTemplates",
    type="ResourceTemplate",
    key="uriTemplate",
    noun="resource template",
)

ITEM_KINDS: Final = (TOOLS, PROMPTS, RESOURCES, TEMPLATES)
"""In the order in which they are told of."""
