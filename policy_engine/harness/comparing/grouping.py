"""Changes that are alike, together: what opens first, and for machines first of all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policy_engine.harness.comparing.changes import Change, Effect

__all__ = ["ChangeGroup", "grouped"]

_ROLES: Final = ("machine", "agent", "person")
_EFFECTS: Final = tuple(Effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """Changes of one effect, for one kind of caller, by the same policies.

    Attributes:
        effect: what becomes of them.
        role: who asks: a machine, an agent, a person.
        changes: those that occur most often first.
    """

    effect: Effect
    role: str
    changes: tuple[Change, ...]

    @property
    def count(self) -> int:
        """How many records."""
        return sum(change.exchange.count for change in self.changes)


def grouped(changes: Iterable[Change]) -> tuple[ChangeGroup, ...]:
    """All changes: grants before what may be granted, then denials; machines before agents and people."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        key = (change.effect, change.exchange.role, change.old, change.new, change.depends, change.why)
        found.setdefault(key, []).append(change)
    groups = [
        ChangeGroup(
            effect=together[0].effect,
            role=together[0].exchange.role,
            changes=tuple(sorted(together, key=lambda each: (-each.exchange.count, each.exchange.line))),
        )
        for together in found.values()
    ]
    return tuple(sorted(groups, key=_order))


def _order(group: ChangeGroup) -> tuple[int, int, int, int]:
    return (
        _EFFECTS.index(group.effect),
        _ROLES.index(group.role),
        -group.count,
        group.changes[0].exchange.line,
    )
