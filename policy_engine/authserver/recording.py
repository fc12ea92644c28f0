"""The record of requests for tokens: one JSON line each, before the answer leaves."""

import logging
from dataclasses import fields
from typing import Any, Final

from policy_engine.audit import AuditSink, OnFailure
from policy_engine.authserver.events import EventSink, IssuanceEvent
from policy_engine.errors import AuditError

__all__ = ["recorded"]

_LOG: Final = logging.getLogger(__name__)

_NAMES: Final = tuple(field.name for field in fields(IssuanceEvent))


def recorded(sink: AuditSink, on_failure: OnFailure) -> EventSink:
    """Write events to a sink.

    Args:
        sink: takes them.
        on_failure: `deny` lets no token leave that isn't recorded; `allow` lets it.
    """

    def record(event: IssuanceEvent) -> None:
        try:
            sink.write(_line(event))
        except AuditError:
            if on_failure == "deny":
                raise
            _LOG.error("a request for a token couldn't be recorded")

    return record


def _line(event: IssuanceEvent) -> dict[str, Any]:
    return {"version": 1, "event": "token_request"} | {name: getattr(event, name) for name in _NAMES}
