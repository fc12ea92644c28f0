"""A pinned prompt, resource or template: what has no action of its own, but an entity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.errors import MessageError
from policy_engine.mcp.catalogue.entries import Entry
from policy_engine.mcp.catalogue.kinds import ItemKind
from policy_engine.mcp.parameters import parse_uri
from policy_engine.mcp.pinned import NO_LABELS, Labels
from policy_engine.model import EntityUid
from policy_engine.model.strict_json import dumps

__all__ = ["PinnedItem", "pin_item"]

_FACTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Resource": {"name": "name", "mime_type": "mimeType"},
        "ResourceTemplate": {"name": "name", "mime_type": "mimeType"},
    }
)
"""By entity type: attributes, and the members of an item that they repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedItem:
    """An item as an operator pinned it.

    Attributes:
        type: its entity type.
        server: the configured name of its server.
        name: its name, URI or URI template at that server.
        sha256: digest of the whole item, in hexadecimal.
        reviewed: whether the operator accepted what the item says of itself.
        facts: attributes beside those that any such thing has; none unless it was reviewed.
        labels: tags that the operator gave it.
        reason: why nobody can ask for it, where that is so.
        written: the item, serialised; a list that has it so is known without a digest.
    """

    type: str
    server: str
    name: str
    sha256: str
    reviewed: bool
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    labels: Labels = field(default_factory=lambda: NO_LABELS)
    reason: str | None = None
    written: bytes = field(default=b"", compare=False, repr=False)

    @property
    def resource(self) -> EntityUid:
        """`<type>::"<server>/<name>"`."""
        return EntityUid(self.type, f"{self.server}/{self.name}")


def pin_item(server: str, kind: ItemKind, entry: Entry) -> PinnedItem:
    """Read one item of a list that isn't of tools."""
    members = _FACTS.get(kind.type, {}) if entry.reviewed else {}
    stated = {name: entry.item.get(member) for name, member in members.items()}
    return PinnedItem(
        type=kind.type,
        server=server,
        name=entry.key,
        sha256=entry.sha256,
        reviewed=entry.reviewed,
        facts=MappingProxyType({name: value for name, value in stated.items() if isinstance(value, str)}),
        labels=entry.labels,
        reason=_refused(entry.key) if kind.type == "Resource" else None,
        written=dumps(entry.item),
    )


def _refused(uri: str) -> str | None:
    """Why a request for a URI is refused, whatever policies say."""
    try:
        parse_uri(uri)
    except MessageError as error:
        return error.note
    return None
