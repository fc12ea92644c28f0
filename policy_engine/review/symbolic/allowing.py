"""What a policy set answers, as the engine has it: a forbid that errs denies, like one that is satisfied."""

from collections.abc import Iterable

from policy_engine.review.symbolic.encoding import Encoded
from policy_engine.review.symbolic.simplify import conjunction, disjunction
from policy_engine.review.symbolic.terms import Term

__all__ = ["allowed"]


def allowed(policies: Iterable[Encoded]) -> Term:
    """Whether a request is allowed: a permit is satisfied, and no forbid is, or errs."""
    permits: list[Term] = []
    forbids: list[Term] = []
    for policy in policies:
        if policy.effect == "permit":
            permits.append(policy.satisfied)
        else:
            forbids += (policy.satisfied, policy.errs)
    return conjunction(disjunction(*permits), ~disjunction(*forbids))
