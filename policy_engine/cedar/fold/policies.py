"""A whole policy: its scope and its conditions, in the order in which Cedar looks at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from policy_engine.cedar.fold.access import is_in, is_type
from policy_engine.cedar.fold.expressions import fold_expression
from policy_engine.cedar.fold.request import PartialRequest
from policy_engine.cedar.fold.result import TRUE, Folded, as_truth, conjunction, negation, truth
from policy_engine.cedar.fold.shapes import same
from policy_engine.cedar.fold.values import Entity, SetOf
from policy_engine.cedar.syntax import Condition, PolicyTree, ScopeClause

__all__ = ["Outcome", "fold_clause", "fold_condition", "fold_policy"]

Certainty = Literal["satisfied", "not_satisfied", "errs", "depends"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may become of a policy.

    Attributes:
        folded: whether its scope and conditions hold, and the errors that they may give.
    """

    folded: Folded

    @property
    def certainty(self) -> Certainty:
        """`satisfied`, `not_satisfied` or `errs` where that is certain, else `depends`."""
        if self.folded.value is None:
            return "errs"
        if self.folded.errors or self.folded.holds is None:
            return "depends"
        return "satisfied" if self.folded.holds else "not_satisfied"

    @property
    def may_be_satisfied(self) -> bool:
        """Whether there is any way to fill in what isn't known so that the policy applies."""
        return self.folded.value is not None and self.folded.holds is not False

    @property
    def may_err(self) -> bool:
        """Whether there is any way to fill in what isn't known so that the policy errs."""
        return bool(self.folded.errors)


def fold_policy(policy: PolicyTree, request: PartialRequest) -> Outcome:
    """What may become of a policy; of a template, with its slots filled in any way."""
    result = TRUE
    for part in _parts(policy, request):
        result = conjunction(result, part)
        if result.value is None or result.holds is False:
            break
    return Outcome(result)


def _parts(policy: PolicyTree, request: PartialRequest) -> Iterator[Folded]:
    for clause in (policy.principal, policy.action, policy.resource):
        yield fold_clause(clause, request)
    for condition in policy.conditions:
        yield fold_condition(condition, request)


def fold_clause(clause: ScopeClause, request: PartialRequest) -> Folded:
    """Whether principal, action or resource is what a policy's head says; never an error."""
    asked = request.variable(clause.variable)
    typed = TRUE if clause.type is None else is_type(clause.type, asked)
    if typed.holds is False:
        return typed
    match clause.operator:
        case "all" | "is":
            return typed
        case "==" | "in" | "is in" if clause.slot is not None:
            return truth(None)
        case "==":
            return truth(same(asked, Entity(clause.entities[0].uid)))
        case "in" | "is in":
            ancestors = SetOf(frozenset(Entity(literal.uid) for literal in clause.entities))
            return conjunction(typed, is_in(request, asked, ancestors))
        case _:
            assert_never(clause.operator)


def fold_condition(condition: Condition, request: PartialRequest) -> Folded:
    """Whether a `when` holds, or an `unless` doesn't stand in the way."""
    body = fold_expression(condition.body, request)
    match condition.kind:
        case "when":
            return as_truth(body)
        case "unless":
            return negation(body)
        case _:
            assert_never(condition.kind)
