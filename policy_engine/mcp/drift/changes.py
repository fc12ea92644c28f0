"""What a list says against what is pinned."""

from dataclasses import dataclass

__all__ = ["Changes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How a list differs from the catalogue; names are in the order of the list, each once.

    Attributes:
        changed: items that are listed otherwise than they are pinned.
        unpinned: items that aren't pinned, though such can be.
        new_changed: those of `changed` that the last list had in another form.
        new_unpinned: those of `unpinned` that no list had before.
        restored: items that are listed as they are pinned, and last time weren't.
    """

    changed: tuple[str, ...] = ()
    unpinned: tuple[str, ...] = ()
    new_changed: tuple[str, ...] = ()
    new_unpinned: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
