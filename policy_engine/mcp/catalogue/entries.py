"""One entry of a catalogue: an item as the server lists it, and what the operator says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.mcp.catalogue.kinds import ItemKind
from policy_engine.mcp.names import LONGEST_NAME, fold
from policy_engine.mcp.pinned import NO_LABELS, Labels, item_digest

__all__ = ["WRAPPER", "Entry", "read_entry"]

WRAPPER: Mapping[str, str] = MappingProxyType(
    {
        "item": "The item, exactly as the server lists it.",
        "reviewed": "Somebody vouches for what the item says of itself.",
        "sha256": "The digest of the item: without the very same item, the file doesn't load.",
        "labels": "Tags of the entity, each a list of strings.",
    }
)
"""The members that the operator writes, and what each is for."""

_ENTRY = "write the item as the server lists it, or `item` with `reviewed`, `sha256` and `labels`"
_LABELS = 'write `"labels": {"team": ["payments"]}`'


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry whose item has a key.

    Attributes:
        key: what tells the item from others.
        item: as the server lists it.
        sha256: its digest.
        reviewed: whether somebody vouches for it.
        labels: what the operator calls it.
    """

    key: str
    item: dict[str, Any]
    sha256: str
    reviewed: bool = False
    labels: Labels = field(default_factory=lambda: NO_LABELS)


def read_entry(kind: ItemKind, entry: Any) -> Entry:  # noqa: ANN401 -- JSON
    """Tell an item from a wrapper around one.

    A server could list wrappers of its own, so whatever has a key is an item.

    Raises:
        ConfigError: neither of the two, no key, one of ours or too long a name, another digest.
    """
    if not isinstance(entry, dict):
        raise ConfigError("an entry isn't an object", remedy=_ENTRY)
    if kind.key in entry or "item" not in entry:
        return Entry(key=_key(kind, entry), item=entry, sha256=item_digest(entry))
    if unknown := entry.keys() - WRAPPER.keys():
        raise ConfigError(f"unknown member `{min(unknown)}` beside `item`", remedy=_ENTRY)
    reviewed, item = entry.get("reviewed", False), entry["item"]
    if not isinstance(reviewed, bool):
        raise ConfigError("`reviewed` is neither true nor false", remedy=_ENTRY)
    key, sha256 = _key(kind, item), item_digest(item)
    if entry.get("sha256") not in (None, sha256):
        remedy = f"look at what was changed, then pin the {kind.noun} anew"
        raise ConfigError(f"the item of `{key}` isn't the one that was pinned", remedy=remedy)
    labels = _labels(entry.get("labels", {}))
    return Entry(key=key, item=item, sha256=sha256, reviewed=reviewed, labels=labels)


def _key(kind: ItemKind, item: Any) -> str:  # noqa: ANN401 -- JSON
    key = kind.key_of(item)
    if key is None:
        raise ConfigError(f"a {kind.noun} has no {kind.key}", remedy=_ENTRY)
    if kind.folds and len(key) > LONGEST_NAME:
        problem = f"a {kind.noun}'s {kind.key} has more than {LONGEST_NAME:,} characters"
        raise ConfigError(problem, remedy="leave it out of the catalogue")
    if kind.folds and fold(key) in kind.taken:
        raise ConfigError(f"a {kind.noun} can't be named `{key}`", remedy="leave it out of the catalogue")
    return key


def _labels(labels: Any) -> Labels:  # noqa: ANN401 -- JSON
    if not isinstance(labels, dict):
        raise ConfigError("`labels` isn't an object", remedy=_LABELS)
    for name, values in labels.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ConfigError(f"the label `{name}` isn't a list of strings", remedy=_LABELS)
    return MappingProxyType({name: tuple(sorted(set(values))) for name, values in labels.items()})
