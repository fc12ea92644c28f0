"""Policies, taken apart: whom and what their heads admit, and what their conditions read."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from policy_engine.cedar import Binary, Expression, PolicyTree, ScopeClause, Unary, Value, trees_of
from policy_engine.evaluator.policy_store import StoredPolicy
from policy_engine.evaluator.visibility.reads import reads_of
from policy_engine.model import EntityUid

__all__ = ["Place", "Rule", "admits", "rules_of"]

_TRUE: Expression = Value(value=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One policy that decides.

    Attributes:
        permit: whether it is one; else it is a forbid.
        head: what is said of principal, action and resource.
        condition: its conditions as one, as Cedar evaluates them.
        reads: what they can learn of action, resource and context.
    """

    permit: bool
    head: PolicyTree
    condition: Expression
    reads: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is known of a principal, an action or a resource for the head of a policy.

    Attributes:
        uid: which it is; None if it could be any of its type.
        type: its entity type.
        within: what it is in, itself included.
        prefix: what its id begins with, where it isn't known.
    """

    uid: EntityUid | None
    type: str
    within: frozenset[EntityUid]
    prefix: str = ""


def rules_of(policies: Iterable[StoredPolicy]) -> tuple[Rule, ...]:
    """The policies that decide, in their order; those in shadow mode don't."""
    running = [policy for policy in policies if not policy.shadow]
    trees = trees_of([policy.effective for policy in running])
    return tuple(_rule(policy, tree) for policy, tree in zip(running, trees, strict=True))


def _rule(policy: StoredPolicy, head: PolicyTree) -> Rule:
    bodies = [each.body if each.kind == "when" else Unary("!", each.body) for each in head.conditions]
    return Rule(
        permit=policy.effect == "permit",
        head=head,
        condition=reduce(lambda one, other: Binary("&&", one, other), bodies, _TRUE),
        reads=reads_of(condition.body for condition in head.conditions),
    )


def admits(clause: ScopeClause, place: Place) -> bool | None:
    """Whether a part of a policy's head admits something; None where that depends on which it is."""
    if clause.type is not None and clause.type != place.type:
        return False
    if clause.operator in ("all", "is"):
        return True
    uids = [literal.uid for literal in clause.entities]
    if clause.operator != "==" and not place.within.isdisjoint(uids):
        return True
    if place.uid is not None:
        return clause.operator == "==" and place.uid in uids
    # Of something unknown: it may be one that is named, and in groups that nobody thought of here.
    own = any(uid.type == place.type and uid.id.startswith(place.prefix) for uid in uids)
    return None if own or (clause.operator != "==" and any(uid.type != place.type for uid in uids)) else False
