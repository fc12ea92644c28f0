"""What changes for recorded traffic, as values."""

from dataclasses import dataclass
from enum import StrEnum

from policy_engine.harness.recording import Exchange, Log

__all__ = ["Change", "Comparison", "Effect"]


class Effect(StrEnum):
    """What becomes of a question; what opens comes first."""

    granted = "granted"
    """It was denied, and would be allowed."""
    may_be_granted = "may be granted"
    """It would be allowed or not: that depends on what isn't recorded."""
    denied = "denied"
    """It was allowed, and would be denied."""
    may_be_denied = "may be denied"
    """It would be denied or not: that depends on what isn't recorded."""
    unknown = "unknown"
    """It can't be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A recorded question, and what becomes of it.

    Attributes:
        exchange: the question.
        effect: what becomes of it.
        old: the policies that decide as it is, or may.
        new: those that would.
        depends: what isn't recorded, and decides it; nothing if it changes whatever that is.
        why: in words, where it isn't for policies.
    """

    exchange: Exchange
    effect: Effect
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What becomes of all recorded questions.

    Attributes:
        log: what was recorded.
        changes: those that change, or may.
        foreign: how many records are of policies other than the old ones, so that both sides are worked out.
        digests: of the old and of the new policies.
    """

    log: Log
    changes: tuple[Change, ...]
    foreign: int
    digests: tuple[str, str]

    @property
    def same(self) -> bool:
        """Whether it is certain that nothing changes."""
        return not self.changes

    @property
    def differs(self) -> bool:
        """Whether something changes, or may."""
        return any(change.effect is not Effect.unknown for change in self.changes)
