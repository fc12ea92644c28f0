"""Methods that answer with a list, in one table: where the items are, and what each is good for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.mcp.catalogue import PROMPTS, RESOURCES, TEMPLATES, TOOLS, ItemKind

__all__ = ["LISTS", "ListKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """One kind of list.

    Attributes:
        method: what asks for it; the same in both revisions.
        member: the member of `result` that holds the items; empty where there are none.
        key: the member of an item that names it.
        type: the entity type of what an item describes.
        actions: what can be done to one; none where each has an action of its own.
    """

    method: str
    member: str = ""
    key: str = ""
    type: str = ""
    actions: tuple[str, ...] = ()


def _list(kind: ItemKind, *actions: str) -> ListKind:
    return ListKind(method=kind.method, member=kind.member, key=kind.key, type=kind.type, actions=actions)


_KINDS = (
    _list(TOOLS),
    _list(PROMPTS, "get_prompt", "complete"),
    _list(RESOURCES, "read_resource", "subscribe_resource"),
    # What fits a template can be read; what it could be is asked by `complete`.
    _list(TEMPLATES, "complete"),
    # No list, but cacheable as lists are: one caller's answer must not become another's.
    ListKind(method="server/discover"),
)

LISTS: Mapping[str, ListKind] = MappingProxyType({kind.method: kind for kind in _KINDS})
"""By method; others have answers that pass as they are."""
