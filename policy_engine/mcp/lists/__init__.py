"""Lists of tools, prompts, resources and templates, as servers answer with them."""

from policy_engine.mcp.lists.answers import MAX_ANSWER
from policy_engine.mcp.lists.events import read_events, write_event
from policy_engine.mcp.lists.kinds import LISTS, ListKind
from policy_engine.mcp.lists.listing import ListedItem, Listing
from policy_engine.mcp.lists.possible import Possibilities
from policy_engine.mcp.lists.reader import ListAnswer, ListReader

__all__ = [
    "LISTS",
    "MAX_ANSWER",
    "ListAnswer",
    "ListKind",
    "ListReader",
    "ListedItem",
    "Listing",
    "Possibilities",
    "read_events",
    "write_event",
]
