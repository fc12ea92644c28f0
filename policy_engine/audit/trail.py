"""The rule for decisions that can't be recorded."""

import logging
from dataclasses import dataclass, field
from typing import Literal

from policy_engine.audit.sinks import AuditSink, NullSink
from policy_engine.errors import AuditError
from policy_engine.model import Decision

__all__ = ["AuditTrail", "OnFailure"]

_log = logging.getLogger("policy_engine")

OnFailure = Literal["deny", "allow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTrail:
    """A sink, and what happens when it fails.

    Attributes:
        sink: takes the records.
        on_failure: `deny` turns a decision that couldn't be recorded into a refusal; `allow` lets it stand.
    """

    sink: AuditSink = field(default_factory=NullSink)
    on_failure: OnFailure = "deny"

    def record(self, decision: Decision) -> Decision:
        """Record a decision; return the one that stands."""
        if isinstance(self.sink, NullSink):
            return decision
        try:
            self.sink.write(decision.to_dict())
        except Exception as error:  # noqa: BLE001 -- a sink of somebody else's may raise anything
            if not isinstance(error, AuditError):
                _log.error("an audit sink failed: %s", type(error).__name__)
            if self.on_failure == "deny":
                return decision.refused("audit_failed")
        return decision
