"""Which scopes a refused caller lacks, if scopes are all (RFC 6750 section 3.1; MCP, "Step-Up").

The refused questions are asked again as if the token had every scope that the policies in question name. Only
if all of them are then allowed is more scope the answer: a machine that is refused for being a machine stays
refused whatever its token says, and is never sent for another one. Of the sets of scopes that would do, the
smallest is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations

from policy_engine.cedar import (
    ANY,
    Binary,
    Expression,
    GetAttribute,
    Key,
    PolicyTree,
    SetLiteral,
    Value,
    Variable,
    tree_of,
    walk,
)
from policy_engine.evaluator.policy_store import PolicyStore, StoredPolicy
from policy_engine.kept import Kept
from policy_engine.model import AuthorizationRequest, EntityUid

__all__ = ["StepUp"]

_MOST_SCOPES = 24
"""Beyond as many candidates, nothing is proposed: what a refusal costs has to have a bound."""

_MOST_QUESTIONS = 32
"""How often a refused call is asked again at most; then the smallest set found so far is told."""

_MOST_KEPT = 4_096
"""Of as many policies it is kept which scopes they name."""

_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""RFC 6749 section 3.3: what a scope may be made of, and so what may stand in a challenge."""

_ASKED = ("contains", "containsAll", "containsAny")

Allowed = Callable[[AuthorizationRequest], bool]


class StepUp:
    """Looks for missing scopes, for one policy set.

    Args:
        store: the policies.
        allowed: whether they allow a request.
    """

    def __init__(self, store: PolicyStore, allowed: Allowed) -> None:
        self._store = store
        self._allowed = allowed
        self._scopes: Kept[str, frozenset[str]] = Kept(_MOST_KEPT, _MOST_KEPT * 300)

    def missing(self, requests: Sequence[AuthorizationRequest]) -> tuple[str, ...]:
        """The smallest set of scopes with which every request would be allowed, sorted; empty if none.

        Args:
            requests: the questions of one message, of which at least one was refused.
        """
        if not self._asking:
            return ()
        held = frozenset(requests[0].context["token"]["scopes"])
        named = {scope for request in requests for scope in self._candidates(request)}
        lacking = sorted(named - held)
        if not lacking or len(lacking) > _MOST_SCOPES:
            return ()
        return self._smallest(requests, held, lacking)

    def _smallest(
        self, requests: Sequence[AuthorizationRequest], held: frozenset[str], lacking: list[str]
    ) -> tuple[str, ...]:
        def suffices(added: tuple[str, ...]) -> bool:
            scopes = sorted(held.union(added))
            return all(self._allowed(_with_scopes(request, scopes)) for request in requests)

        if not suffices(tuple(lacking)):
            return ()
        asked = 0
        for size in range(1, len(lacking)):
            for added in combinations(lacking, size):
                asked += 1
                if suffices(added):
                    return added
                if asked == _MOST_QUESTIONS:
                    return _thinned(lacking, suffices)
        return tuple(lacking)

    @cached_property
    def _asking(self) -> Mapping[Key, Sequence[StoredPolicy]]:
        """The policies that may ask for scopes, by the actions that their heads admit."""
        found: dict[Key, list[StoredPolicy]] = {}
        for policy in self._store.policies.values():
            scope = policy.effective.scope
            if not policy.shadow and scope is not None and "scopes" in policy.effective.text:
                for action in scope.action:
                    found.setdefault(action, []).append(policy)
        return found

    def _candidates(self, request: AuthorizationRequest) -> Iterator[str]:
        around = request.surroundings.whole
        actions = {request.action, *(uid for entity in around if (uid := _uid(entity)).type == "Action")}
        keys: list[Key] = [ANY, *((op, uid.type, uid.id) for uid in actions for op in ("==", "in"))]
        for policy in (policy for key in keys for policy in self._asking.get(key, ())):
            scope = policy.effective.scope
            if scope is not None and _may_be_of(scope.principal, request.principal.uid):
                yield from self._named_by(policy)

    def _named_by(self, policy: StoredPolicy) -> frozenset[str]:
        found = self._scopes.get(policy.id)
        if found is None:
            found = frozenset(_scopes_of(tree_of(policy.effective.est)))
            self._scopes.keep(policy.id, found, 200 + 80 * len(found))
        return found


def _with_scopes(request: AuthorizationRequest, scopes: list[str]) -> AuthorizationRequest:
    token = {**request.context["token"], "scopes": scopes}
    return replace(request, context={**request.context, "token": token})


def _thinned(scopes: list[str], suffices: Callable[[tuple[str, ...]], bool]) -> tuple[str, ...]:
    """A set of which no member could be left out, where looking for the smallest takes too long."""
    kept = tuple(scopes)
    for scope in scopes:
        without = tuple(one for one in kept if one != scope)
        if suffices(without):
            kept = without
    return kept


def _scopes_of(tree: PolicyTree) -> Iterator[str]:
    for condition in tree.conditions:
        for node in walk(condition.body):
            if isinstance(node, Binary) and node.operator in _ASKED and _is_scopes(node.left):
                items = node.right.items if isinstance(node.right, SetLiteral) else (node.right,)
                for item in items:
                    if isinstance(item, Value) and _is_scope(item.value):
                        yield str(item.value)


def _is_scope(value: object) -> bool:
    return isinstance(value, str) and _SCOPE_TOKEN.fullmatch(value) is not None


def _is_scopes(node: Expression) -> bool:
    """`context.token.scopes`."""
    match node:
        case GetAttribute(GetAttribute(Variable("context"), "token"), "scopes"):
            return True
        case _:
            return False


def _may_be_of(constraint: Key, principal: EntityUid) -> bool:
    match constraint:
        case ("==", kind, name):
            return (kind, name) == (principal.type, principal.id)
        case ("is", kind, *_):
            return kind == principal.type
        case _:
            return True


def _uid(entity: dict[str, dict[str, str]]) -> EntityUid:
    return EntityUid(entity["uid"]["type"], entity["uid"]["id"])
