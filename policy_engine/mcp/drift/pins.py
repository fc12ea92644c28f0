"""What is pinned of a server, of whatever kind: by name, with the digest of the whole item."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy_engine.mcp.catalogue import PinnedItem
from policy_engine.mcp.pinned import PinnedTool
from policy_engine.mcp.servers import Server

__all__ = ["Form", "Key", "Pin", "pins_of"]

Key = tuple[str, str]
"""Type and id of an entity: a tuple, since every decision looks one up, and tuples do that in C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How an item is written.

    Attributes:
        sha256: its digest, in hexadecimal: what says whether two forms are one.
        written: the item itself, by which it is known again without a digest; empty where that isn't kept.
    """

    sha256: str
    written: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One pinned item.

    Attributes:
        key: what policies call it.
        form: how it was when it was pinned.
    """

    key: Key
    form: Form


def pins_of(server: Server) -> Mapping[str, Mapping[str, Pin]]:
    """The pins of a server by entity type, then by name; without types that its catalogue has no list of.

    Tools always are: a tool that isn't pinned is one that nobody reviewed.
    """
    items: Mapping[str, Mapping[str, PinnedItem]] = {} if server.catalogue is None else server.catalogue.items
    return {type_: _pins(pinned) for type_, pinned in items.items()} | {"Tool": _pins(server.tools)}


def _pins(pinned: Mapping[str, PinnedTool] | Mapping[str, PinnedItem]) -> Mapping[str, Pin]:
    return {
        name: Pin(
            key=(item.resource.type, item.resource.id), form=Form(sha256=item.sha256, written=item.written)
        )
        for name, item in pinned.items()
    }
