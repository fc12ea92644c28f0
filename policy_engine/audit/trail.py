"""The rule for decisions that can't be recorded."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from policy_engine.audit.redaction import Redaction
from policy_engine.audit.sinks import AuditSink, NullSink
from policy_engine.errors import AuditError
from policy_engine.model import UNOBSERVED, Decision, Observer

__all__ = ["AuditTrail", "OnFailure"]

_log = logging.getLogger("policy_engine")

OnFailure = Literal["deny", "allow"]

_QUIET: Final = 60.0
"""Seconds between two lines that say that records fail still."""


class _Lost:
    """How many decisions weren't recorded since the sink failed; tells the log, and not once a request."""

    def __init__(self) -> None:
        self.count = 0
        self._told = float("-inf")

    def another(self, error: Exception, on_failure: OnFailure) -> None:
        self.count += 1
        if time.monotonic() - self._told >= _QUIET:
            self._told = time.monotonic()
            why = error.note if isinstance(error, AuditError) else f"a bug: {type(error).__name__}"
            done = "are refused" if on_failure == "deny" else "stand unrecorded"
            _log.error("decisions can't be recorded, and %s: %s", done, why)

    def over(self) -> None:
        _log.warning("decisions are recorded again; %d were not", self.count)
        self.count, self._told = 0, float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """A sink, and what happens when it fails.

    Attributes:
        sink: takes the records.
        on_failure: `deny` turns a decision that couldn't be recorded into a refusal; `allow` lets it stand.
        redaction: what of a record isn't written as it is; None: all of it is.
    """

    sink: AuditSink = field(default_factory=NullSink)
    on_failure: OnFailure = "deny"
    redaction: Redaction | None = None
    _lost: _Lost = field(default_factory=_Lost, init=False, repr=False, compare=False)

    def record(
        self,
        decision: Decision,
        message: Any = None,  # noqa: ANN401 -- as it came
        observer: Observer = UNOBSERVED,
    ) -> Decision:
        """Record a decision; return the one that stands.

        Args:
            decision: what was decided.
            message: what it was decided on, for arguments whose values are shown.
            observer: is told if it can't be.
        """
        if isinstance(self.sink, NullSink):
            return decision
        try:
            record = decision.to_dict()
            if self.redaction is not None:
                record = self.redaction.apply(record, message)
            self.sink.write(record)
        except Exception as error:  # noqa: BLE001 -- a sink of somebody else's may raise anything
            self._lost.another(error, self.on_failure)
            observer.audit_failed()
            return decision.refused("audit_failed") if self.on_failure == "deny" else decision
        if self._lost.count:
            self._lost.over()
        return decision

    def close(self) -> None:
        """Have the sink end what it holds open; a record that comes later is taken all the same."""
        close = getattr(self.sink, "close", None)
        if close is not None:
            close()
