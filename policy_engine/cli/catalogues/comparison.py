"""What a server lists now, beside what its catalogue pins: item by item, so that none spoils another."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from policy_engine.cli.catalogues.entries import Entry
from policy_engine.errors import ConfigError
from policy_engine.mcp import (
    ITEM_KINDS,
    LONGEST_NAME,
    TOOLS,
    Catalogue,
    ItemKind,
    Opaque,
    PinnedTool,
    fold,
    item_digest,
)

__all__ = ["Change", "Status", "compare"]

Status = Literal["new", "changed", "gone", "refused", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one item.

    Attributes:
        kind: what it is.
        key: what tells it from others; where it has nothing of the sort, its place in the list.
        status: `refused` if it can't be pinned; what was pinned under its key stays.
        before: as it is pinned, if it is.
        now: as the server lists it, if it does.
        reason: why it can't be pinned.
        unseen: arguments that policies won't see, each with the reason; all of them under an empty name.
        unusable: why nobody can ask for it, though it is pinned.
    """

    kind: ItemKind
    key: str
    status: Status
    before: Entry | None = None
    now: Mapping[str, Any] | None = None
    reason: str | None = None
    unseen: Mapping[str, str] = field(default_factory=dict)
    unusable: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the catalogue and the server don't agree."""
        return self.status != "unchanged" and (self.status != "refused" or self.before is not None)


def compare(server: str, pinned: Sequence[Entry], items: Mapping[str, Sequence[Any]]) -> tuple[Change, ...]:
    """Compare the items of a list with those of a catalogue.

    Args:
        server: its configured name.
        pinned: the entries of the catalogue.
        items: by the member that holds them; of a kind that isn't there, nothing is said.
    """
    found: list[Change] = []
    for kind in ITEM_KINDS:
        if kind.member in items:
            before = {entry.key: entry for entry in pinned if entry.kind is kind}
            found += _of_kind(server, kind, before, items[kind.member])
    return tuple(found)


def _of_kind(
    server: str, kind: ItemKind, before: Mapping[str, Entry], items: Sequence[Any]
) -> Iterator[Change]:
    read = [_read(server, kind, item, f"{kind.member}[{index}]") for index, item in enumerate(items)]
    alike = Counter(_folded(kind, each.key) for each in read if each.reason is None)
    for each in read:
        twin = each.reason is None and alike[_folded(kind, each.key)] > 1
        reason = _TWIN.format(noun=kind.noun) if twin else each.reason
        known = before.get(each.key) if each.named else None
        yield Change(
            kind=kind,
            key=each.key,
            status="refused" if reason else _status(known, each.item),
            before=known,
            now=each.item if isinstance(each.item, dict) else None,
            reason=reason,
            unseen={} if reason or each.tool is None else _unseen(each.tool),
            unusable=None if reason else each.unusable,
        )
    listed = {each.key for each in read if each.named}
    for key, entry in before.items():
        if key not in listed:
            yield Change(kind=kind, key=key, status="gone", before=entry)


_TWIN = "another {noun} of the list has the same name, or one that some readers can't tell from it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An item by itself: what tells it from others, and why it can't be pinned, if it can't."""

    key: str
    item: Any
    named: bool = True
    reason: str | None = None
    tool: PinnedTool | None = None
    unusable: str | None = None


def _read(server: str, kind: ItemKind, item: Any, place: str) -> _Read:  # noqa: ANN401 -- a server's JSON
    key = kind.key_of(item)
    if key is None:
        return _Read(key=place, item=item, named=False, reason=f"it has no `{kind.key}`")
    if len(key) > LONGEST_NAME:
        problem = f"its `{kind.key}` has more than {LONGEST_NAME:,} characters"
        return _Read(key=place, item=item, named=False, reason=problem)
    try:
        catalogue = Catalogue.from_json(server, {kind.member: [{"item": item}]})
    except ConfigError as error:
        return _Read(key=key, item=item, reason=error.problem.removeprefix(f"{kind.member}[0]: "))
    if kind is TOOLS:
        return _Read(key=key, item=item, tool=catalogue.tools[key])
    pinned = next(iter(catalogue.items.values()))[key]
    return _Read(key=key, item=item, unusable=pinned.reason)


def _folded(kind: ItemKind, key: str) -> str:
    """The form in which lookalikes are equal; URIs are compared as they are given."""
    return fold(key) if kind.folds else key


def _status(known: Entry | None, item: Mapping[str, Any]) -> Status:
    if known is None:
        return "new"
    same = known.intact and item_digest(known.item) == item_digest(item)
    return "unchanged" if same else "changed"


def _unseen(tool: PinnedTool) -> dict[str, str]:
    if tool.arguments is None:
        return {"": tool.reason or "its schema can't be read"}
    return {
        name: member.type.reason
        for name, member in tool.arguments.members.items()
        if isinstance(member.type, Opaque)
    }
