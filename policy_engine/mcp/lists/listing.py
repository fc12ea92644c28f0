"""A list as a server sent it, taken apart so that it can be put together with fewer items."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.lists.kinds import ListKind
from policy_engine.mcp.names import folded, lookalike
from policy_engine.mcp.revisions import STATELESS
from policy_engine.model.strict_json import dumps

__all__ = ["EVENTS", "JSON", "MAX_ITEMS", "ListedItem", "Listing", "item_list"]

JSON, EVENTS = "application/json", "text/event-stream"

MAX_ITEMS = 10_000
"""Items of one list that are read."""

_SCOPE = "cacheScope"
_USUAL = frozenset(
    {"name", "title", "description", "icons", "annotations", "_meta", "inputSchema", "outputSchema",
     "execution", "arguments", "uri", "uriTemplate", "mimeType", "size"}
)  # fmt: skip
"""Members of items in the protocol: none imitates another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """One item of a list.

    Attributes:
        kind: of which list.
        name: its name, URI or URI template.
        item: the item, as the server lists it.
        written: the same, serialised.
    """

    kind: ListKind
    name: str
    item: dict[str, Any] = field(hash=False, repr=False)
    written: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An answer to a list request, or its result alone.

    Attributes:
        kind: of which list.
        items: in the order of the server; none if it answered with an error.
        media_type: how the answer is framed.
        before: everything up to the first item, serialised anew.
        after: everything behind the last one.
    """

    kind: ListKind
    items: tuple[ListedItem, ...] = field(default=(), repr=False)
    media_type: str = JSON
    before: bytes = field(default=b"", repr=False)
    after: bytes = field(default=b"", repr=False)

    def body(self, items: Iterable[ListedItem]) -> bytes:
        """The answer with these of its items."""
        return b"".join((self.before, b",".join(item.written for item in items), self.after))

    def within(self, before: bytes, after: bytes, media_type: str = JSON) -> "Listing":
        """The same with more around it."""
        return replace(self, before=before + self.before, after=self.after + after, media_type=media_type)


def item_list(kind: ListKind, version: str, result: dict[str, Any]) -> Listing:
    """Take the result of an answer apart.

    What isn't known stays, in its order. Which caller an answer is for decides what it holds, so no cache may
    give it to another (MCP 2026-07-28, "Caching": `cacheScope`).

    Raises:
        MessageError: `malformed_list` (`items`, `too_many`, `item`, `lookalike`).
    """
    _check_prototype(result)
    if twin := lookalike(result, folded(filter(None, (kind.member, _SCOPE, "nextCursor")))):
        raise MessageError("malformed_list", f"a lookalike of `{twin}`", detail="lookalike")
    items = _items(kind, result) if kind.member else ()
    if version == STATELESS or _SCOPE in result:
        result = {**result, _SCOPE: "private"}
    if not kind.member:
        return Listing(kind=kind, before=dumps(result))
    before, after = _split(result, kind.member)
    return Listing(kind=kind, items=items, before=before + b"[", after=b"]" + after)


def _split(value: dict[str, Any], member: str) -> tuple[bytes, bytes]:
    names = list(value)
    at = names.index(member)
    before = b"".join(dumps(name) + b":" + dumps(value[name]) + b"," for name in names[:at])
    after = b"".join(b"," + dumps(name) + b":" + dumps(value[name]) for name in names[at + 1 :])
    return b"{" + before + dumps(member) + b":", after + b"}"


def _items(kind: ListKind, result: dict[str, Any]) -> tuple[ListedItem, ...]:
    listed = result.get(kind.member)
    cursor = result.get("nextCursor")
    if not isinstance(listed, list) or not (cursor is None or isinstance(cursor, str)):
        raise MessageError("malformed_list", f"`{kind.member}` isn't a list", detail="items")
    if len(listed) > MAX_ITEMS:
        raise MessageError("malformed_list", f"`{kind.member}` is too long", detail="too_many")
    return tuple(_item(kind, item) for item in listed)


def _item(kind: ListKind, item: Any) -> ListedItem:  # noqa: ANN401 -- JSON
    name = item.get(kind.key) if isinstance(item, dict) else None
    if not isinstance(name, str) or not name:
        raise MessageError("malformed_list", f"an item has no `{kind.key}`", detail="item")
    if not item.keys() <= _USUAL:
        _check_prototype(item)
        if lookalike(item, folded((kind.key,))):
            raise MessageError("malformed_list", f"a lookalike of `{kind.key}`", detail="lookalike")
    return ListedItem(kind=kind, name=name, item=item, written=dumps(item))


def _check_prototype(value: dict[str, Any]) -> None:
    """To a reader in JavaScript, members of `__proto__` may stand in for those that aren't there."""
    if "__proto__" in value:
        raise MessageError("malformed_list", "`__proto__` is no member", detail="lookalike")
