"""What becomes of a decision besides being used: it is recorded, and observers are told."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from policy_engine.audit import AuditTrail
from policy_engine.config import Stages
from policy_engine.engine.draft import Draft
from policy_engine.engine.lists import FilteredList
from policy_engine.engine.pipeline import Message
from policy_engine.model import UNOBSERVED, Decision, HttpFacts, Observer

__all__ = ["Aftermath"]

_log = logging.getLogger("policy_engine")


class Aftermath:
    """Records what was decided, and tells of it.

    Args:
        audit: where decisions are recorded; None: where the configuration says.
        observers: are told of them.

    Attributes:
        observer: tells all of them.
    """

    __slots__ = ("_audit", "_silent", "observer")

    def __init__(self, audit: AuditTrail | None, observers: Sequence[Observer]) -> None:
        self._audit = audit
        self._silent = not observers
        self.observer = _Several(observers) if observers else UNOBSERVED

    def of(
        self, draft: Draft, decision: Decision, message: Message = None, http: HttpFacts | None = None
    ) -> Decision:
        """Record a decision on a message, and tell of the one that stands."""
        trail = self._audit or draft.stages.audit
        if self._silent:
            return trail.record(decision, message)
        decision = trail.record(decision, message, self.observer)
        self.observer.decided(decision, http)
        return decision

    def of_list(
        self, draft: Draft, filtered: FilteredList, message: Message = None, http: HttpFacts | None = None
    ) -> FilteredList:
        """The same of a decision on a list, which isn't passed on if it can't be recorded."""
        decision = self.of(draft, filtered.decision, message, http)
        return filtered if decision == filtered.decision else FilteredList.refused(decision)

    @contextmanager
    def of_loading(self, in_force: Callable[[], Stages]) -> Iterator[None]:
        """Tell of what is loaded meanwhile, or why it can't be; `in_force` is asked at the end."""
        started = time.perf_counter()
        error: Exception | None = None
        try:
            yield
        except Exception as raised:
            error = raised
            raise
        finally:
            self._loaded(in_force, time.perf_counter() - started, error)

    def _loaded(self, in_force: Callable[[], Stages], seconds: float, error: Exception | None) -> None:
        try:
            stages = in_force()
        except AttributeError:  # the very first failed: there is nobody who could be asked about it
            return
        count = len(stages.policies.policies)
        self.observer.reloaded(stages.generation, seconds, error, policies=count)


class _Several:
    """Stands between observers and decisions: one that raises is told on, and the log hears of it once."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)
        self._failed: set[int] = set()

    def decided(self, decision: Decision, http: HttpFacts | None, /) -> None:
        for observer in self._observers:
            try:
                observer.decided(decision, http)
            except Exception as error:  # noqa: BLE001 -- somebody else's; here it is caught most often
                self._complain(observer, error)

    def reloaded(self, generation: int, seconds: float, error: Exception | None, /, *, policies: int) -> None:
        self._tell(lambda observer: observer.reloaded(generation, seconds, error, policies=policies))

    def token_verified(self, issuer: str, /) -> None:
        self._tell(lambda observer: observer.token_verified(issuer))

    def keys_refreshed(self, issuer: str, ok: bool, /) -> None:  # noqa: FBT001 -- never named
        self._tell(lambda observer: observer.keys_refreshed(issuer, ok))

    def audit_failed(self) -> None:
        self._tell(lambda observer: observer.audit_failed())

    def stream_opened(self, server: str, /) -> None:
        self._tell(lambda observer: observer.stream_opened(server))

    def stream_ended(self, server: str, reason: str | None, /) -> None:
        self._tell(lambda observer: observer.stream_ended(server, reason))

    def _tell(self, told: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            try:
                told(observer)
            except Exception as error:  # noqa: BLE001 -- somebody else's
                self._complain(observer, error)

    def _complain(self, observer: Observer, error: Exception) -> None:
        if id(observer) not in self._failed:
            self._failed.add(id(observer))
            _log.error(_COMPLAINT, type(observer).__name__, type(error).__name__)


_COMPLAINT: Final = "the observer %s fails, and isn't complained of again: %s"
