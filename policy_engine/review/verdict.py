"""What a review finds: of each question whether it is proved, violated or not known, and what shows it.

`violated` always comes with a request that the engine really decides that way; what can't be decided is
`unknown`, with its reason, and never `proved`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.solving import Unknown
from policy_engine.review.witness import Call

__all__ = ["Outcome", "Severity", "Verdict", "Witness"]


class Outcome(StrEnum):
    """What is known of a question; from the best to the worst, see `worst`."""

    proved = "proved"
    """It holds of all requests."""
    unknown = "unknown"
    """It couldn't be decided; `Verdict.reason` says why."""
    violated = "violated"
    """There is a request that breaks it, and the engine was seen to decide it so."""


class Severity(StrEnum):
    """How much it matters if a question isn't proved; in the words of SARIF 2.1.0, section 3.27.10."""

    error = "error"
    warning = "warning"
    note = "note"

    def at_least(self, other: "Severity") -> bool:
        """Whether it matters as much as another, or more."""
        order = tuple(Severity)
        return order.index(self) <= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A request, and the entities of its world, of which the evaluator was asked.

    Attributes:
        principal: who asks.
        action: for what.
        resource: on what.
        context: Cedar JSON.
        entities: Cedar's JSON entity format; everything that the decision looked at.
        allowed: what was decided.
        policies: ids of the policies that decided.
        twin: the same request of somebody of the other kind, with whom this one was compared.
        call: the same as an MCP message that the engine answered, where it can be one.
        note: what a reader should know of it; empty if nothing.
    """

    principal: EntityUid
    action: EntityUid
    resource: EntityUid
    context: CedarJson = field(hash=False)
    entities: tuple[CedarJson, ...] = field(hash=False)
    allowed: bool
    policies: tuple[str, ...]
    twin: "Witness | None" = None
    call: Call | None = field(default=None, hash=False)
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "principal": str(self.principal),
            "action": str(self.action),
            "resource": str(self.resource),
            "context": dict(self.context),
            "entities": [dict(entity) for entity in self.entities],
            "decision": "allow" if self.allowed else "deny",
            "policies": list(self.policies),
            "twin": None if self.twin is None else self.twin.to_dict(),
            "call": None if self.call is None else self.call.to_dict(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one question about one thing.

    Attributes:
        question: one of `QUESTIONS`, such as `separation`.
        subject: what it is about: the id of a policy, an action or a group, the file of a bound.
        outcome: what is known.
        statement: one sentence: what is proved, violated or not known.
        policies: ids of the policies concerned.
        witnesses: requests that break it; for some questions, such that show what can happen.
        reason: why it isn't known.
        environments: kinds of request that were looked at: principal type, action and resource type.
        solved: of those, how many the solver decided; the others were decided without one.
        waived: the annotation or option by which a violation is accepted.
        vacuous: whether it holds because there is nothing yet that it is about, which proves little.
        severity: how much it matters if it isn't proved.
        details: what else a report may show, in JSON types, by name.
    """

    question: str
    subject: str
    outcome: Outcome
    statement: str
    policies: tuple[str, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    reason: Unknown | None = None
    environments: int = 0
    solved: int = 0
    waived: str | None = None
    vacuous: bool = False
    severity: Severity = Severity.error
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def counts(self) -> bool:
        """Whether it stands against the whole: not proved, and not waived."""
        return self.outcome is not Outcome.proved and self.waived is None

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        reason = None
        if self.reason is not None:
            reason = {"code": str(self.reason.reason), "detail": self.reason.detail}
        return {
            "question": self.question,
            "subject": self.subject,
            "outcome": str(self.outcome),
            "statement": self.statement,
            "policies": list(self.policies),
            "witnesses": [witness.to_dict() for witness in self.witnesses],
            "reason": reason,
            "environments": self.environments,
            "solved": self.solved,
            "waived": self.waived,
            "vacuous": self.vacuous,
            "severity": str(self.severity),
            "details": dict(self.details),
        }
