"""What a catalogue may list, in one table."""

from dataclasses import dataclass

__all__ = ["KINDS", "TOOLS", "CatalogueKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueKind:
    """One list of a catalogue.

    Attributes:
        member: the member of the file that holds it, named as in the server's answer.
        type: the entity type of what it lists.
        key: the member of an item that tells it from others.
        noun: what one is called.
        folds: whether readers may take two keys for one that differ in case or form alone: names, never URIs.
        taken: keys that are ours.
    """

    member: str
    type: str
    key: str
    noun: str
    folds: bool = False
    taken: frozenset[str] = frozenset()


# `Action::"github/*"` is the group of all tools, `Action::"github/?"` calls any other. Prompts have no action
# of their own, so that theirs are names like others.
TOOLS = CatalogueKind(
    member="tools", type="Tool", key="name", noun="tool", folds=True, taken=frozenset({"*", "?"})
)

KINDS = (
    TOOLS,
    CatalogueKind(member="prompts", type="Prompt", key="name", noun="prompt", folds=True),
    CatalogueKind(member="resources", type="Resource", key="uri", noun="resource"),
    CatalogueKind(member="resourceTemplates", type="ResourceTemplate", key="uriTemplate", noun="template"),
)
