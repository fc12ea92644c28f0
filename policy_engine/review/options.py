"""What a review is asked, and how far it goes to answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from policy_engine.evaluator import PolicySource
from policy_engine.review.subject import Subject
from policy_engine.review.verdict import Severity

__all__ = ["Bound", "Kind", "Options"]

Kind = Literal["Client", "User"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What principals of a kind may do at most.

    Attributes:
        source: Cedar policies that allow it.
        kind: whom it binds.
    """

    source: PolicySource
    kind: Kind = "Client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked of a policy set.

    Attributes:
        questions: names of `QUESTIONS`, in the order in which they are answered; of those that need more than
            the policies, nothing is said where that isn't given.
        bounds: for `ceiling`.
        never: actions, tools or groups of actions that no machine may ever use; for `never`.
        who_can: actions, tools or groups of actions; for `who_can`.
        what_can: kinds of principals, or principals; for `what_can`.
        before: the policy set that it is compared with; for `diff`.
        no_widening: kinds that may be allowed nothing more than before; for `diff`.
        timeout: the most seconds that the solver takes for one question; None for no solver at all.
        workers: how many solvers work at once.
        fail_on: verdicts of this severity, or a worse one, decide about the whole.
    """

    questions: tuple[str, ...] = ("separation", "ceiling", "never", "delegation", "diff", "health")
    bounds: tuple[Bound, ...] = ()
    never: tuple[str, ...] = ()
    who_can: tuple[str, ...] = ()
    what_can: tuple[str, ...] = ()
    before: Subject | None = field(default=None, compare=False)
    no_widening: frozenset[Kind] = frozenset()
    timeout: float | None = 10.0
    workers: int = 2
    fail_on: Severity = Severity.error

    def to_dict(self) -> Mapping[str, object]:
        """JSON types only."""
        return {
            "questions": list(self.questions),
            "bounds": [{"file": bound.source.file, "kind": bound.kind} for bound in self.bounds],
            "never": list(self.never),
            "who_can": list(self.who_can),
            "what_can": list(self.what_can),
            "before": None if self.before is None else self.before.policies.digest,
            "no_widening": sorted(self.no_widening),
            "timeout": self.timeout,
            "fail_on": str(self.fail_on),
        }
