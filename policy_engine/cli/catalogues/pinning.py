"""The catalogue that follows from a comparison."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from policy_engine.cli.catalogues.comparison import Change
from policy_engine.cli.catalogues.entries import Entry

__all__ = ["awaiting_review", "pin_anew"]


def pin_anew(pinned: Sequence[Entry], changes: Iterable[Change], *, accept: bool = False) -> list[Entry]:
    """The entries of the new catalogue, in the order of the old one, new ones last.

    What didn't change stays as it is, with its review. What is new or changed counts as unreviewed unless it
    is accepted; what the operator wrote beside an item stays with it. What can't be pinned leaves what was
    pinned under its key. Kinds that weren't compared stay.

    Args:
        pinned: the entries of the old catalogue.
        changes: what `compare` found.
        accept: review everything.
    """
    by_place = {
        (change.kind, change.key): change
        for change in changes
        if change.before is not None or change.status == "new"
    }
    kept = [
        entry if change is None else _after(entry, change, accept=accept)
        for entry in pinned
        for change in [by_place.get((entry.kind, entry.key))]
        if change is None or change.status != "gone"
    ]
    added = [
        Entry(kind=change.kind, item=change.now or {}, reviewed=accept)
        for change in by_place.values()
        if change.status == "new"
    ]
    return [*kept, *added]


def awaiting_review(changes: Iterable[Change]) -> list[Change]:
    """What would be accepted: whatever the server lists and nobody vouched for as it is now."""
    return [
        change
        for change in changes
        if change.status in ("new", "changed")
        or (change.status == "unchanged" and change.before is not None and not change.before.reviewed)
    ]


def _after(entry: Entry, change: Change, *, accept: bool) -> Entry:
    if change.status == "changed":
        return replace(entry, item=change.now or {}, reviewed=accept)
    if change.status == "unchanged":
        return replace(entry, reviewed=entry.reviewed or accept)
    return entry
