"""Signing keys in a store, which all replicas of a server share, and which change by time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policy_engine.authserver.keys.life_cycle import (
    Keys,
    Terms,
    active_key,
    current,
    in_order,
    next_change,
    retired,
    states_at,
    with_active,
)
from policy_engine.authserver.keys.opened import Faults, Opened, open_keys, tell_faults
from policy_engine.authserver.keys.vault import Vault
from policy_engine.authserver.renewing import FRESHNESS, MAX_STALE, Renewed
from policy_engine.errors import ConfigError, StorageError
from policy_engine.jose import Sealer, SigningKey
from policy_engine.model.stored import KeyState, StoredKey

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["StoredKeys"]

_ATTEMPTS: Final = 10
"""How often a change is tried while others change the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What that means from some time on, until some other."""

    known: Opened
    since: float
    until: float
    signing: str
    published: tuple[Mapping[str, Any], ...]


class StoredKeys:
    """The keys of a store; the first is made, and signs, when somebody asks for one.

    Args:
        store: where they are.
        sealer: what their private halves are sealed with.
        algorithm: what new ones sign with.
        now: the time, seconds since the epoch.
        lead: seconds that a key is published before it signs.
        max_ttl: seconds that a token lasts at most.
        leeway: seconds that clocks may differ.
        freshness: seconds for which the store isn't asked again.
        max_stale: seconds for which what was read serves where the store can't be asked; less than `lead`.
    """

    def __init__(
        self,
        store: "Store",
        sealer: Sealer,
        *,
        algorithm: str = "ES256",
        now: Callable[[], float] = time.time,
        lead: float = Terms().lead,
        max_ttl: float = Terms().max_ttl,
        leeway: float = Terms().leeway,
        freshness: float = FRESHNESS,
        max_stale: float = MAX_STALE,
    ) -> None:
        self._store = store
        self._vault = Vault(sealer)
        self._algorithm = algorithm
        self._now = now
        self._terms = Terms(lead=lead, max_ttl=max_ttl, leeway=leeway)
        self._renewed = Renewed(self._read, now=now, freshness=freshness, max_stale=min(max_stale, lead / 2))
        self._seen: _View | None = None
        self._told: frozenset[str] = frozenset()

    def active(self) -> SigningKey:
        """The key that signs now.

        Raises:
            ConfigError: `signing_keys`: it can't be opened.
            StorageError: the store can't be asked, and wasn't for too long.
        """
        view = self._view()
        key = view.known.opened.get(view.signing)
        if key is None:
            raise view.known.faults[view.signing]
        return key

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """The public JWKs of all keys that could be opened: pending, active and retiring.

        Raises:
            StorageError: the store can't be asked, and wasn't for too long.
        """
        return self._view().published

    def check(self) -> None:
        """See whether there is a key to sign with now, and after that.

        Raises:
            ConfigError: `signing_keys`: the one that signs, or the one that follows, can't be opened.
            StorageError: the store can't be asked, and wasn't for too long.
        """
        self.active()
        known = self._view().known
        for key in known.keys:
            if key.state is KeyState.PENDING and key.kid in known.faults:
                raise known.faults[key.kid]

    @property
    def faults(self) -> Faults:
        """Why keys can't be opened, by their name.

        Raises:
            StorageError: the store can't be asked, and wasn't for too long.
        """
        return self._view().known.faults

    def listed(self) -> tuple[tuple[StoredKey, ConfigError | None], ...]:
        """What the keys are now, the oldest first, and what is wrong with them; nothing is written.

        Raises:
            StorageError: the store can't be asked.
        """
        now = self._now()
        known = open_keys(self._vault, self._store.keys.all(), now)
        keys = current(states_at(known.keys, now, self._terms, known.faults), now)
        return tuple((key, known.faults.get(key.kid)) for key in keys)

    def rotate(self) -> Keys:
        """Make the key that signs next, if there is none yet; the active one retires when it takes over.

        Returns:
            All keys.

        Raises:
            ConfigError: `signing_keys`: the active key, or the next, can't be opened.
            JoseError: `unsupported_algorithm`.
            StorageError: nothing was changed.
        """
        return self._change(self._with_successor)

    def retire(self, kid: str, *, at_once: bool = False) -> Keys:
        """Let a key sign no longer.

        The active one goes on until its successor takes over, which is made now if there is none.

        Args:
            kid: which key.
            at_once: for a key that others may have got hold of: it is dropped, whatever it signed counts no
                longer, and if it was the active one, another is active now.

        Returns:
            All keys.

        Raises:
            ConfigError: `signing_keys`: there is no such key; or, unless `at_once`, the active one can't be
                opened.
            JoseError: `unsupported_algorithm`.
            StorageError: nothing was changed.
        """

        def change(keys: Keys, now: float, faults: Faults) -> Keys:
            key = next((key for key in keys if key.kid == kid), None)
            if key is None:
                raise ConfigError(
                    f"no signing key is called `{kid}`",
                    remedy="see which there are: policy-engine keys list",
                    code="signing_keys",
                )
            if key.state is KeyState.ACTIVE and not at_once:
                return self._with_successor(keys, now, faults)
            if not at_once:
                _require_opened(keys, faults, KeyState.ACTIVE)
            return retired(keys, kid, now, self._terms, at_once=at_once)

        return self._change(change)

    def _with_successor(self, keys: Keys, now: float, faults: Faults) -> Keys:
        _require_opened(keys, faults, KeyState.ACTIVE, KeyState.PENDING)
        # Without a key that signs the one that is made is new enough.
        if active_key(keys) is None or any(key.state is KeyState.PENDING for key in keys):
            return keys
        activates_at = now + self._terms.lead
        new = self._vault.make(self._algorithm, KeyState.PENDING, now=now, activates_at=activates_at)
        return (*keys, new)

    def _change(self, change: Callable[[Keys, float, Faults], Keys]) -> Keys:
        """Apply what an operator wants; what can be opened is sealed with the first encryption key then."""

        def whole(keys: Keys, now: float, faults: Faults) -> Keys:
            return tuple(map(self._vault.renewed, change(keys, now, faults)))

        try:
            return current(self._write(whole).keys, self._now())
        finally:
            self._renewed.forget()

    def _write(self, change: Callable[[Keys, float, Faults], Keys], last: Opened | None = None) -> Opened:
        """Write what the keys are by now, with a change; as often as others were faster."""
        for _ in range(_ATTEMPTS):
            found, now = self._store.keys.all(), self._now()
            known = open_keys(self._vault, found, now, last)
            keys = change(states_at(found, now, self._terms, known.faults), now, known.faults)
            first = partial(self._vault.make, self._algorithm, KeyState.ACTIVE, now=now, activates_at=now)
            wanted = in_order(with_active(keys, now, first, known.faults))
            if set(wanted) == set(found) or self._store.keys.replace(wanted, expected=found):
                return open_keys(self._vault, wanted, now, known)
        raise StorageError("the signing keys are being changed by others")

    def _read(self, last: Opened | None) -> Opened:
        known = self._write(lambda keys, _now, _faults: keys, last)
        self._told = tell_faults(known.faults, self._told)
        return known

    def _view(self) -> _View:
        known, now, view = self._renewed.get(), self._now(), self._seen
        if view is None or view.known is not known or not view.since <= now < view.until:
            # What is due happens on time, whether or not the store can be asked.
            view = self._seen = self._look(known, now)
        return view

    def _look(self, known: Opened, now: float) -> _View:
        keys = states_at(known.keys, now, self._terms, known.faults)
        signing = active_key(keys)
        if signing is None:  # `_write` sees to it that there is one, and time takes none away
            raise StorageError("the store has no key that signs")
        public = [known.opened[key.kid].public_jwk() for key in current(keys, now) if key.kid in known.opened]
        return _View(
            known=known,
            since=now,
            until=next_change(keys, now),
            signing=signing.kid,
            published=tuple(map(MappingProxyType, public)),
        )


def _require_opened(keys: Keys, faults: Faults, *states: KeyState) -> None:
    """Refuse to go on with another encryption key than the one that the keys were made with.

    What it sealed, no server could open.

    Raises:
        ConfigError: `signing_keys`.
    """
    for key in keys:
        if key.state in states and key.kid in faults:
            raise faults[key.kid]
