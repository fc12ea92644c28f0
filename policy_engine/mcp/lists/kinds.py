"""Methods that answer with a list, in one table: where the items are, and what each is good for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


_KINDS = (
    ListKind(method="tools/list", member="tools", key="name", type="Tool"),
    ListKind(
        method="prompts/list", member="prompts", key="name", type="Prompt", actions=("get_prompt", "complete")
    ),
    ListKind(
        method="resources/list",
        member="resources",
        key="uri",
        type="Resource",
        actions=("read_resource", "subscribe_resource"),
    ),
    # What fits a template can be read; what it could be is asked by `complete`.
    ListKind(
        method="resources/templates/list",
        member="resourceTemplates",
        key="uriTemplate",
        type="ResourceTemplate",
        actions=("complete",),
    ),
    # No list, but cacheable as lists are: one caller's answer must not become another's.
    ListKind(method="server/discover"),
)

LISTS: Mapping[str, ListKind] = MappingProxyType({kind.method: kind for kind in _KINDS})
"""By method; others have answers that pass as they are."""
