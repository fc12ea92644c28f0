"""A decision with its reasons: what `PolicyEngine.explain` answers."""

from dataclasses import dataclass

from policy_engine.evaluator.explanation.request import RequestExplanation
from policy_engine.model import Decision

__all__ = ["Explanation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a message was allowed, or refused.

    Attributes:
        decision: what `evaluate` answers.
        questions: what the policies were asked, in order, to the first that wasn't allowed; most messages
            raise one question. Nothing, if the message was refused before.
    """

    decision: Decision
    questions: tuple[RequestExplanation, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the message may pass."""
        return self.decision.allowed

    @property
    def code(self) -> str:
        """`allowed`, or the reason why it may not (docs/reference/codes.md)."""
        return self.decision.code
