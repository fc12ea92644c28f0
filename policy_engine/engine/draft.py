"""What is known so far of a decision; it becomes one however the work ends."""

import logging
import time
import traceback
from dataclasses import dataclass, field
from typing import Any

from policy_engine.config import Stages
from policy_engine.errors import MappingError, MessageError, PolicyEngineError
from policy_engine.model import CODES, AuthorizationRequest, Decision

__all__ = ["Draft"]

_log = logging.getLogger("policy_engine")


@dataclass(slots=True, kw_only=True)
class Draft:
    """One decision on its way.

    Attributes:
        at: when it was asked for, in seconds since the epoch.
        stages: what it is decided with, from beginning to end.
        step_up: whether a refusal may say which scopes would turn it round.
        known: fields of the decision that are known already.
        asked: the questions that policies answered.
    """

    at: float
    stages: Stages
    step_up: bool = True
    started: int = field(default_factory=time.perf_counter_ns)
    known: dict[str, Any] = field(default_factory=dict)
    asked: list[AuthorizationRequest] = field(default_factory=list)

    def decide(self, code: str, detail: str | None = None, **more: Any) -> Decision:  # noqa: ANN401 -- fields
        """The decision, with what is known by now."""
        return Decision(
            code=code,
            detail=detail,
            time=self.at,
            latency_us=(time.perf_counter_ns() - self.started) // 1000,
            policy_digest=self.stages.digest,
            generation=self.stages.generation,
            **{**self.known, **more},
        )

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
