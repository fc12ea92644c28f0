"""What a server exposes, as its operator saw and accepted it: `docs/reference/catalogues.md`."""

from policy_engine.mcp.catalogue.catalogue import Catalogue
from policy_engine.mcp.catalogue.file_schema import catalogue_json_schema
from policy_engine.mcp.catalogue.items import PinnedItem
from policy_engine.mcp.catalogue.kinds import ITEM_KINDS, PROMPTS, RESOURCES, TEMPLATES, TOOLS, ItemKind

__all__ = [
    "ITEM_KINDS",
    "PROMPTS",
    "RESOURCES",
    "TEMPLATES",
    "TOOLS",
    "Catalogue",
    "ItemKind",
    "PinnedItem",
    "catalogue_json_schema",
]
