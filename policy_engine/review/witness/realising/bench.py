"""Where calls are tried: the engine's own stages, by a clock that is set."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from policy_engine.cedar import CedarRequest
from policy_engine.config import Stages
from policy_engine.engine import decided
from policy_engine.mcp import NO_OWNERS, RequestBuilder, TaskOwner, TaskOwners
from policy_engine.model import AuthorizationRequest, CedarJson, EntityUid, Identity
from policy_engine.review.witness.realising.call import Call
from policy_engine.review.witness.realising.messages import Ask
from policy_engine.review.witness.realising.wanted import Wanted

__all__ = ["Bench", "Goal", "Holds", "Trial"]

Holds = Callable[[CedarRequest, tuple[CedarJson, ...]], bool]
"""Whether a question that the engine was really asked shows what the witness does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A call that was tried.

    Attributes:
        call: the call, with its decision.
        request: the one question that policies were asked; None if there was none, or more than one.
    """

    call: Call
    request: AuthorizationRequest | None


@dataclass(slots=True)
class _Clock:
    at: float

    def __call__(self) -> float:
        return self.at


@dataclass(frozen=True, slots=True)
class _OwnTasks:
    """Says that every task is one principal's."""

    principal: EntityUid

    def owner(self, server: str, task_id: str) -> TaskOwner | None:  # noqa: ARG002 -- the port's
        return TaskOwner(principal=self.principal)


class Bench:
    """Puts messages to the engine; nothing is recorded.

    Args:
        stages: what decides.

    Attributes:
        stages: the same, by a clock of its own.
    """

    def __init__(self, stages: Stages) -> None:
        self._clock = _Clock(0.0)
        self.stages = self._with_tasks(stages, NO_OWNERS)

    def ask(self, identity: Identity, ask: Ask, server: str, at: float, *, owning: bool = False) -> Trial:
        """Put a message to the engine.

        Args:
            identity: who asks.
            ask: what.
            server: whom.
            at: when, in seconds since the epoch.
            owning: whether every task is theirs.
        """
        self._clock.at = at
        stages = self.stages
        if owning:
            stages = self._with_tasks(stages, _OwnTasks(identity.principal.uid))
        decision, asked = decided(stages, identity, ask.message, server, ask.http, at=at)
        call = Call(
            principal=identity.principal,
            server=server,
            message=ask.message,
            http=ask.http,
            token=identity.token,
            at=at,
            decision=decision,
        )
        return Trial(call=call, request=asked[0] if len(asked) == 1 else None)

    def entities(self, request: AuthorizationRequest) -> tuple[CedarJson, ...]:
        """The entities that the engine decides a question with."""
        handle = self.stages.evaluator.entities(request, also=self.stages.policies.literals)
        return tuple(handle.to_json())

    def _with_tasks(self, stages: Stages, tasks: TaskOwners) -> Stages:
        return replace(stages, builder=RequestBuilder(stages.servers, self._clock, tasks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a call has to show.

    Attributes:
        wanted: the witness.
        expected: whether it is allowed.
        policies: of these, one at least has to decide; any may, if there are none.
        holds: what else has to hold of the question that the engine is asked.
    """

    wanted: Wanted
    expected: bool
    policies: frozenset[str] = frozenset()
    holds: Holds | None = None

    def is_met(self, trial: Trial, bench: Bench) -> bool:
        """Whether policies were asked the question, or one like it, and decided so."""
        request, decision = trial.request, trial.call.decision
        if request is None or decision.allowed is not self.expected:
            return False
        wanted = self.wanted
        like = (request.principal.uid.type, request.action, request.resource.type)
        if like != (wanted.principal.uid.type, wanted.action, wanted.resource.type):
            return False
        if self.policies and self.policies.isdisjoint(match.id for match in decision.policies):
            return False
        if self.holds is None:
            return True
        asked = CedarRequest(request.principal.uid, request.action, request.resource, request.context)
        return self.holds(asked, bench.entities(request))

    def is_exact(self, trial: Trial) -> bool:
        """Whether it is the very question, but for the time of the call and the times of the token."""
        request, wanted = trial.request, self.wanted
        return (
            request is not None
            and (request.principal.uid, request.resource) == (wanted.principal.uid, wanted.resource)
            and _timeless(request.context) == _timeless(wanted.context)
        )


def _timeless(context: CedarJson) -> CedarJson:
    times = ("issued_at", "expires_at")
    token = {name: value for name, value in context.get("token", {}).items() if name not in times}
    return {**{name: value for name, value in context.items() if name != "time"}, "token": token}
