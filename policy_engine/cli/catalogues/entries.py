"""A catalogue file as its entries, for reading and writing; what they mean to policies is `Catalogue`'s."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy_engine.cli.console import visible
from policy_engine.errors import ConfigError
from policy_engine.mcp import ITEM_KINDS, TOOLS, ItemKind, item_digest
from policy_engine.model.strict_json import JsonError, parse

__all__ = [
    "Entry",
    "catalogue_text",
    "catalogue_value",
    "counted",
    "read_entries",
    "unreviewed",
    "unwrapped",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One pinned item.

    Attributes:
        kind: what it is.
        item: as the server wrote it.
        reviewed: whether the operator vouches for what it says of itself.
        digest: by which the file pins it, if it does.
        more: what else the operator wrote beside it.
    """

    kind: ItemKind
    item: Mapping[str, Any]
    reviewed: bool = False
    digest: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from others of its kind."""
        return self.kind.key_of(self.item) or ""

    @property
    def intact(self) -> bool:
        """Whether the item is the one that was pinned."""
        return self.digest in (None, item_digest(self.item))

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file; the digest is the item's."""
        pinned = {"reviewed": self.reviewed, "sha256": item_digest(self.item)}
        return {**pinned, **self.more, "item": dict(self.item)}


def read_entries(text: bytes | str, file: Path) -> list[Entry]:
    """The entries of a catalogue file; an item that isn't the one that was pinned is told by its `intact`.

    Raises:
        ConfigError: it isn't a catalogue.
    """
    try:
        data = parse(text)
    except JsonError as error:
        raise ConfigError(f"not strict JSON ({error.code})", remedy="see RFC 7493", file=file) from None
    members = [kind.member for kind in ITEM_KINDS]
    if not isinstance(data, dict) or not all(isinstance(data.get(name, []), list) for name in members):
        raise ConfigError("not a catalogue", remedy='write `{"tools": […]}`', file=file)
    return [
        _entry(kind, written, f"{kind.member}[{index}]", file)
        for kind in ITEM_KINDS
        for index, written in enumerate(data.get(kind.member, []))
    ]


def _entry(kind: ItemKind, written: Any, place: str, file: Path) -> Entry:  # noqa: ANN401 -- JSON
    item, around = unwrapped(kind, written)
    if kind.key_of(item) is None:
        problem = f"{place}: there is no `{kind.key}`"
        raise ConfigError(problem, remedy="write the item as the server lists it", file=file)
    more = {name: value for name, value in around.items() if name not in {"reviewed", "sha256"}}
    return Entry(
        kind=kind,
        item=item,
        reviewed=around.get("reviewed") is True,
        digest=around.get("sha256"),
        more=more,
    )


def unwrapped(kind: ItemKind, entry: Any) -> tuple[Any, Mapping[str, Any]]:  # noqa: ANN401 -- JSON
    """An item, and what an operator wrote around it: nothing, if the entry is the item itself.

    A server could list wrappers of its own, so whatever has a key is an item.
    """
    if not isinstance(entry, dict) or "item" not in entry or kind.key in entry:
        return entry, {}
    return entry["item"], {name: value for name, value in entry.items() if name != "item"}


def unreviewed(items: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Entry]:
    """Entries of items that nobody looked at yet, by the member that holds them."""
    for kind in ITEM_KINDS:
        for item in items.get(kind.member, ()):
            yield Entry(kind=kind, item=item)


def catalogue_value(entries: Sequence[Entry]) -> dict[str, Any]:
    """What a catalogue file holds."""
    found = {kind.member: [entry.to_json() for entry in entries if entry.kind is kind] for kind in ITEM_KINDS}
    return {member: each for member, each in found.items() if each or member == "tools"}


def catalogue_text(entries: Sequence[Entry]) -> str:
    """The text of a catalogue file, for a person to review: what can't be seen is written as an escape.

    A direction mark or a zero-width character could hide from a reviewer what a model reads.
    """
    text = json.dumps(catalogue_value(entries), indent=2, ensure_ascii=False, allow_nan=False)
    return visible(text, keep="\n") + "\n"


def counted(entries: Sequence[Entry], *, adjective: str = "") -> str:
    """How many of what, in words; tools even if there are none."""
    numbers = {kind: sum(entry.kind is kind for entry in entries) for kind in ITEM_KINDS}
    told = [
        f"{number} {adjective if kind is TOOLS else ''}{kind.noun}{'' if number == 1 else 's'}"
        for kind, number in numbers.items()
        if number or kind is TOOLS
    ]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
