"""What is known so far of a decision; it becomes one however the work ends."""

import logging
import time
import traceback
from typing import Any

from policy_engine.config import Stages
from policy_engine.engine.recall import Recall, common_fields
from policy_engine.errors import MappingError, MessageError, PolicyEngineError
from policy_engine.mcp import Body
from policy_engine.model import CODES, AuthorizationRequest, Decision

__all__ = ["Draft"]

_log = logging.getLogger("policy_engine")


class Draft:
    """One decision on its way.

    Args:
        stages: what it is decided with, from beginning to end.
        server: the name of the server that the message is for.
        at: when it was asked for, in seconds since the epoch.
        step_up: whether a refusal may say which scopes would turn it round.
        recall: what was decided before, if that may be told again.

    Attributes:
        stages: the same.
        server: the same.
        step_up: the same.
        recall: the same.
        known: fields of the decision that were found already.
        asked: the questions that policies answered.
        body: the message, where it was read already.
    """

    __slots__ = ("_at", "_started", "asked", "body", "known", "recall", "server", "stages", "step_up")

    def __init__(
        self, stages: Stages, server: str, at: float, *, step_up: bool = True, recall: Recall | None = None
    ) -> None:
        self._started = time.perf_counter_ns()
        self._at = at
        self.stages = stages
        self.server = server
        self.step_up = step_up
        self.recall = recall
        self.asked: list[AuthorizationRequest] = []
        self.body: Body | None = None
        self.known: dict[str, Any] = {}

    def decide(self, code: str, detail: str | None = None, **more: Any) -> Decision:  # noqa: ANN401 -- fields
        """The decision, with what is known by now."""
        common = common_fields(self.stages, self.server)
        return self.finish({**common, **self.known, **more, "code": code, "detail": detail})

    def finish(self, fields: dict[str, Any]) -> Decision:
        """The decision of these fields, which become its own; they say all but the time."""
        fields["time"] = self._at
        fields["latency_us"] = (time.perf_counter_ns() - self._started) // 1000
        return Decision.of(fields)

    def refuse(self, error: Exception) -> Decision:
        """What a caller sent gets its own code; the rest is a bug, and is logged without what was sent."""
        if isinstance(error, PolicyEngineError) and error.code in CODES and error.code != "internal_error":
            evidence = error.evidence if isinstance(error, MappingError) else ()
            data = error.data if isinstance(error, MessageError) else None
            return self.decide(error.code, error.detail, note=error.note, evidence=evidence, error_data=data)
        (*_, frame) = traceback.extract_tb(error.__traceback__)
        where = f"{frame.filename}:{frame.lineno}"
        _log.error("a bug refused a request: %s at %s", type(error).__name__, where)
        return self.decide("internal_error")
