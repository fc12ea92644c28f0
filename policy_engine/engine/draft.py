"""What is known so far of a decision; it becomes one however the work ends."""

import logging
import time
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.config import Stages
from policy_engine.engine.recall import Recall
from policy_engine.errors import MappingError, MessageError, PolicyEngineError
from policy_engine.model import CODES, AuthorizationRequest, Decision

__all__ = ["Draft"]

_log = logging.getLogger("policy_engine")

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


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
        known: fields of the decision that are known already.
        asked: the questions that policies answered.
    """

    __slots__ = ("_started", "asked", "known", "recall", "server", "stages", "step_up")

    def __init__(
        self, stages: Stages, server: str, at: float, *, step_up: bool = True, recall: Recall | None = None
    ) -> None:
        self._started = time.perf_counter_ns()
        self.stages = stages
        self.server = server
        self.step_up = step_up
        self.recall = recall
        self.asked: list[AuthorizationRequest] = []
        row = stages.servers.get(server)
        self.known: dict[str, Any] = {
            "server": server,
            "resource_url": None if row is None else row.resource,
            "time": at,
            "policy_digest": stages.policies.digest,
            "generation": stages.generation,
            "forward_headers": _NO_HEADERS,
        }

    def decide(self, code: str, detail: str | None = None, **more: Any) -> Decision:  # noqa: ANN401 -- fields
        """The decision, with what is known by now."""
        latency = (time.perf_counter_ns() - self._started) // 1000
        return Decision.of({**self.known, **more, "code": code, "detail": detail, "latency_us": latency})

    def finish(self, code: str, fields: dict[str, Any]) -> Decision:
        """The decision, with these fields, too; nothing can be decided with this draft afterwards."""
        known = self.known
        known.update(fields)
        known["code"] = code
        known["latency_us"] = (time.perf_counter_ns() - self._started) // 1000
        return Decision.of(known)

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
