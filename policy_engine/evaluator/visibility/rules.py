"""Policies, taken apart: whom and what their heads admit, and what their conditions read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from policy_engine.cedar import Binary, Expression, Key, ScopeKeys, Unary, Value, est_of, tree_of
from policy_engine.evaluator.policy_store import StoredPolicy
from policy_engine.evaluator.visibility.reads import reads_of
from policy_engine.model import EntityUid

__all__ = ["Place", "Rule", "admits", "named_in", "rules_of"]

_TRUE: Expression = Value(value=True)

_NAMES_ONE = 3
"""Parts of a constraint that names an entity: type and id are the last two."""


class Rule:
    """One policy that decides; its conditions are read when somebody first asks for them.

    Args:
        permit: whether it is one; else it is a forbid.
        scope: what its head says of principal, action and resource.
        text: what it says.

    Attributes:
        permit: the same.
        actions: what its head says of the action.
        resource: what it says of the resource.
    """

    __slots__ = ("_parts", "_text", "actions", "permit", "resource")

    def __init__(self, *, permit: bool, scope: ScopeKeys, text: str) -> None:
        self.permit = permit
        _, self.actions, self.resource = scope
        self._text = text
        self._parts: tuple[Expression, tuple[Expression, ...]] | None = None

    @property
    def condition(self) -> Expression:
        """Its conditions as one, as Cedar evaluates them."""
        return self._taken_apart()[0]

    @property
    def reads(self) -> tuple[Expression, ...]:
        """What they can learn of action, resource and context."""
        return self._taken_apart()[1]

    def _taken_apart(self) -> tuple[Expression, tuple[Expression, ...]]:
        if self._parts is None:
            conditions = tree_of(est_of(self._text)).conditions
            bodies = [each.body if each.kind == "when" else Unary("!", each.body) for each in conditions]
            condition = reduce(lambda one, other: Binary("&&", one, other), bodies, _TRUE)
            self._parts = condition, reads_of(each.body for each in conditions)
        return self._parts


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


def rules_of(policies: Iterable[StoredPolicy]) -> Mapping[Key, tuple[Rule, ...]]:
    """The policies that decide, by what they say of the principal; those in shadow mode don't."""
    found: dict[Key, list[Rule]] = {}
    for policy in policies:
        scope = policy.effective.scope
        if not policy.shadow and scope is not None:
            rule = Rule(permit=policy.effect == "permit", scope=scope, text=policy.effective.text)
            found.setdefault(scope.principal, []).append(rule)
    return {key: tuple(rules) for key, rules in found.items()}


def named_in(key: Key) -> EntityUid | None:
    """The entity that a constraint names."""
    return EntityUid(*key[-2:]) if len(key) >= _NAMES_ONE else None


def admits(key: Key, place: Place) -> bool | None:
    """Whether a part of a policy's head admits something; None where that depends on which it is."""
    if key[:1] == ("is",) and key[1] != place.type:
        return False
    uid = named_in(key)
    if uid is None:
        return True
    same = key[0] == "=="
    if not same and uid in place.within:
        return True
    if place.uid is not None:
        return same and uid == place.uid
    # Of something unknown: it may be the one that is named, and in groups that nobody thought of here.
    own = uid.type == place.type and uid.id.startswith(place.prefix)
    return None if own or (not same and uid.type != place.type) else False
