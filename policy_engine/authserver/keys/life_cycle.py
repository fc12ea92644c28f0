"""The life of a signing key: pending, active, retiring, gone.

What a key is follows from its times, by pure functions: so all replicas see the same change at the same time,
whoever writes it down first, and one that can't reach the store doesn't miss it.

A key that takes over was published long enough before that everybody knows it; one that was taken over from
stays published until the last token that it signed has expired. It stays in the store for longer: a replica
whose clock is ahead mustn't take away what others publish still.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from policy_engine.authserver.clients import MAX_TTL
from policy_engine.authserver.keys.signing import MAX_AGE
from policy_engine.model.stored import KeyState, StoredKey

__all__ = [
    "KEPT",
    "Keys",
    "Terms",
    "active_key",
    "current",
    "in_order",
    "next_change",
    "retired",
    "states_at",
    "with_active",
]

_MARGIN: Final = 60
"""Seconds for what lies between a key in the store and a key that others can see, and clocks that differ."""

KEPT: Final = 86_400
"""Seconds that a key is stored after it is gone; more than clocks differ by accident."""

Keys = tuple[StoredKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long what takes, in seconds.

    Attributes:
        lead: that a key is published before it signs; more than others keep the published keys.
        max_ttl: that a token lasts at most.
        leeway: that clocks may differ, and tokens be accepted after their end.
    """

    lead: float = MAX_AGE + _MARGIN
    max_ttl: float = MAX_TTL
    leeway: float = 60.0

    @property
    def outlived(self) -> float:
        """For how long a key is published after it signed last."""
        return self.max_ttl + self.leeway


def states_at(keys: Iterable[StoredKey], now: float, terms: Terms, unusable: Collection[str] = ()) -> Keys:
    """What the keys are by now, if nobody does anything; with those that are gone, as long as they are kept.

    None takes over that can't be used, nor from one that can't be: who can't open a key has another
    encryption key than the one that made it, and can't tell which of both is right.

    Args:
        keys: as somebody saw them, now or earlier.
        now: seconds since the epoch.
        terms: how long what takes.
        unusable: names of keys that can't be opened.
    """
    signing = [key for key in keys if key.state is KeyState.ACTIVE]
    others = [key for key in keys if key.state is not KeyState.ACTIVE]
    if not any(key.kid in unusable for key in signing):
        due = [key for key in others if _is_due(key, now) and key.kid not in unusable]
        others = [key for key in others if key not in due]
        # One that is active comes before those that follow, though its time may be that of a wrong clock.
        signing = sorted(signing, key=_turn) + sorted(due, key=_turn)
    # Each signed until the next took over; that moment, and not the one at which it is noticed, counts.
    for old, new in pairwise(signing):
        others.append(_retiring(old, new.activates_at + terms.outlived))
    others += [replace(key, state=KeyState.ACTIVE, removes_at=None) for key in signing[-1:]]
    return in_order(key for key in others if key.removes_at is None or now < key.removes_at + KEPT)


def _is_due(key: StoredKey, now: float) -> bool:
    return key.state is KeyState.PENDING and key.activates_at <= now


def _turn(key: StoredKey) -> tuple[float, str]:
    return key.activates_at, key.kid


def current(keys: Iterable[StoredKey], now: float) -> Keys:
    """Without those that are gone: they are only kept."""
    return tuple(key for key in keys if key.removes_at is None or now < key.removes_at)


def in_order(keys: Iterable[StoredKey]) -> Keys:
    """The oldest first."""
    return tuple(sorted(keys, key=lambda key: (key.created_at, key.activates_at, key.kid)))


def next_change(keys: Iterable[StoredKey], now: float) -> float:
    """When `states_at` or `current` will say something else."""
    times = [key.activates_at for key in keys if key.state is KeyState.PENDING]
    times += [key.removes_at for key in keys if key.removes_at is not None]
    return min((time for time in times if time > now), default=float("inf"))


def active_key(keys: Iterable[StoredKey]) -> StoredKey | None:
    """The one that signs."""
    return next((key for key in keys if key.state is KeyState.ACTIVE), None)


def with_active(
    keys: Keys, now: float, make: Callable[[], StoredKey], unusable: Collection[str] = ()
) -> Keys:
    """The same with a key that signs, if there is none.

    The next in line is taken before a new one, since others may know it already.

    Args:
        keys: of now.
        now: seconds since the epoch.
        make: makes an active key.
        unusable: names of keys that can't be opened.
    """
    if active_key(keys) is not None:
        return keys
    pending = [key for key in keys if key.state is KeyState.PENDING and key.kid not in unusable]
    if not pending:
        return (*keys, make())
    first = min(pending, key=_turn)
    promoted = replace(first, state=KeyState.ACTIVE, activates_at=now)
    return tuple(promoted if key is first else key for key in keys)


def retired(keys: Keys, kid: str, now: float, terms: Terms, *, at_once: bool) -> Keys:
    """The same when a key shall sign no longer; there may be none left that does.

    Args:
        keys: of now.
        kid: which.
        now: seconds since the epoch.
        terms: how long what takes.
        at_once: whether tokens that it signed shall count no longer either.
    """
    if at_once:
        return tuple(key for key in keys if key.kid != kid)
    return tuple(_retired(key, now, terms) if key.kid == kid else key for key in keys)


def _retired(key: StoredKey, now: float, terms: Terms) -> StoredKey:
    if key.state is KeyState.RETIRING:
        return key
    # By the clock of another replica a pending key may be active already.
    never_signed = key.state is KeyState.PENDING and now < key.activates_at - terms.leeway
    return _retiring(key, now if never_signed else now + terms.outlived)


def _retiring(key: StoredKey, removes_at: float) -> StoredKey:
    return replace(key, state=KeyState.RETIRING, removes_at=removes_at)
