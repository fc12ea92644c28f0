"""What the policies say of one request."""

from dataclasses import dataclass, field

from policy_engine.cedar import Answer
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.model import ALLOWED, PolicyFault, PolicyMatch

__all__ = ["NO_POLICY", "Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say.

    Attributes:
        code: `allowed`, `no_permit`, `forbidden` or `policy_error`.
        policies: those that decided; with `policy_error`, the forbids that couldn't be evaluated.
        errors: every policy that couldn't be evaluated.
        reused: whether Cedar gave this answer to the same question before.
    """

    code: str
    policies: tuple[PolicyMatch, ...] = ()
    errors: tuple[PolicyFault, ...] = ()
    reused: bool = field(default=False, compare=False)

    @property
    def allowed(self) -> bool:
        """Whether the request may be forwarded."""
        return self.code == ALLOWED

    @staticmethod
    def of(answer: Answer, store: PolicyStore) -> "Verdict":
        """Cedar's answer, failing closed where Cedar alone would not."""
        policies = store.policies
        decided = tuple(policies[name].match for name in answer.policies)
        if decided and not answer.allowed:
            return Verdict("forbidden", decided, answer.errors)
        # Cedar skips a forbid that errs, and so would allow what it was meant to stop.
        broken = tuple(
            policies[fault.policy].match
            for fault in answer.errors
            if policies[fault.policy].effect == "forbid"
        )
        if broken:
            return Verdict("policy_error", broken, answer.errors)
        return Verdict(ALLOWED if answer.allowed else "no_permit", decided, answer.errors)


NO_POLICY = Verdict("no_permit")
"""Where no policy has anything to do with a request."""
