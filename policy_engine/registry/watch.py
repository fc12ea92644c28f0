"""A registry that is looked at each second by a thread of its own, so that no decision waits for it."""

import logging
import os
import weakref
from collections.abc import Callable, Hashable, Mapping
from threading import Event, Lock, Thread
from typing import Final

from policy_engine.errors import MappingError, PolicyEngineError
from policy_engine.mapper import KnownClient
from policy_engine.model import AttributeType
from policy_engine.registry.snapshot import NOTHING, Snapshot
from policy_engine.registry.source import Reading, Source

__all__ = ["RegistryWatch"]

_log = logging.getLogger("policy_engine")

_INTERVAL: Final = 1.0
"""Seconds between two looks."""

_FOREVER: Final = float("inf")


class RegistryWatch:
    """What is registered now, or was a moment ago; many threads may ask it.

    Where the source can't be read, the last reading counts for a while, and then none does.

    Args:
        source: where it is read; it is closed with the watch.
        key: what the watch was made from; a reload that asks for the same keeps it.
        issuer: the configured name, for the log.
        declared: attributes that have a type.
        now: the clock, in seconds since the epoch.
        max_stale: seconds for which a reading counts.

    Raises:
        PolicyEngineError: it can't be read even once.
    """

    def __init__(
        self,
        source: Source,
        *,
        key: Hashable,
        issuer: str,
        declared: Mapping[str, AttributeType],
        now: Callable[[], float],
        max_stale: float,
    ) -> None:
        self.key = key
        self._source = source
        self._issuer = issuer
        self._declared = declared
        self._now = now
        self._max_stale = max_stale
        self._reading: tuple[object, Reading] | None = None
        self._span = (_FOREVER, -_FOREVER)  # between which times the denials are the same
        self._failing = False
        self._lock = Lock()
        self._state: tuple[Snapshot, float] = NOTHING, -_FOREVER  # when it was true, which is never
        try:
            self.refresh()
        except BaseException:
            source.close()
            raise
        self._start()
        _watches.add(self)

    @property
    def snapshot(self) -> Snapshot:
        """What was read last, however long ago."""
        return self._state[0]

    @property
    def is_closed(self) -> bool:
        """Whether nobody looks any more."""
        return self._stopped.is_set()

    def get(self, client_id: str, /) -> KnownClient | None:
        """The machine with exactly this id, or None."""
        return self._state[0].clients.get(client_id)

    def mark(self) -> object:
        """The same object for as long as nothing changes.

        Raises:
            MappingError: `registry_unavailable`: what was read last is too old.
        """
        snapshot, at = self._state
        # A clock that was set back makes nothing fresh.
        if not -self._max_stale <= self._now() - at <= self._max_stale:
            raise MappingError("registry_unavailable", "the registry couldn't be read for too long")
        return snapshot

    def refuse_revoked(self, client_id: str | None, jti: object) -> None:
        """Refuse a token that counts no longer, with `revoked_token`."""
        self._state[0].refuse_revoked(client_id, jti)

    def refresh(self) -> None:
        """Read it now, if it has changed.

        Raises:
            PolicyEngineError: it can't be read.
        """
        with self._lock:
            at = self._now()
            # First the version: what changes in between is then read once more, and not missed.
            version = self._source.version()
            if self._reading is None or self._reading[0] != version:
                self._reading, self._span = (version, self._source.read()), (_FOREVER, -_FOREVER)
            since, until = self._span
            if since <= at < until:
                self._state = self._state[0], at
                return
            made = self._made(self._reading[1], at)
            before = self._state[0]
            # What changed may be of no interest here, such as a secret: then nothing is mapped anew.
            self._state = (before if before == made else made), at

    def look(self) -> None:
        """Read it now, or say in the log why that can't be done."""
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001 -- a thread that ends would leave the reading to grow old
            if not self._failing:
                note = error.note if isinstance(error, PolicyEngineError) else type(error).__name__
                limit = f"for {self._max_stale:g} seconds"
                _log.warning(
                    "the registry of `%s` can't be read; what was read counts %s: %s",
                    self._issuer,
                    limit,
                    note,
                )
            self._failing = True
            return
        if self._failing:
            _log.warning("the registry of `%s` can be read again", self._issuer)
        self._failing = False

    def close(self) -> None:
        """End the thread; what was read last grows old from now on."""
        self._stopped.set()
        self._thread.join(_INTERVAL)

    def _made(self, reading: Reading, at: float) -> Snapshot:
        ends = [until for until in reading.denials.values() if until is not None]
        since = max((end for end in ends if end <= at), default=-_FOREVER)
        self._span = since, min((end for end in ends if end > at), default=_FOREVER)
        made = Snapshot.of(reading, self._declared, at)
        if made.faults:
            names = ", ".join(sorted(made.faults)[:5])
            _log.warning("%d machines of `%s` can't be used: %s", len(made.faults), self._issuer, names)
        return made

    def _start(self) -> None:
        self._stopped = Event()
        # The thread holds nothing of this but its address, so that it ends with whoever used it.
        arguments = (weakref.ref(self), self._stopped, self._source)
        self._thread = Thread(target=_renew, args=arguments, name="policy-engine registry", daemon=True)
        self._thread.start()
        weakref.finalize(self, self._stopped.set).atexit = False

    def _start_again(self) -> None:
        """In a process that was forked: threads aren't, and connections must not be shared."""
        _left_alone.append(self._source)
        self._source, self._lock = self._source.again(), Lock()
        if not self._stopped.is_set():
            self._start()


def _renew(address: "weakref.ref[RegistryWatch]", stopped: Event, source: Source) -> None:
    try:
        while not stopped.wait(_INTERVAL):
            watch = address()
            if watch is None:
                return
            watch.look()
            del watch
    finally:
        source.close()


_watches: "weakref.WeakSet[RegistryWatch]" = weakref.WeakSet()

_left_alone: list[Source] = []
"""Of the process that this one was forked from: to close them here would end connections there."""


def _after_fork() -> None:
    for watch in list(_watches):
        watch._start_again()  # noqa: SLF001 -- of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
