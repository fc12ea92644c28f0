"""Which scopes a refused caller lacks, if scopes are all (RFC 6750 section 3.1; MCP, "Step-Up").

What was refused is asked again as if the token had every scope that the policies in question name. Only if it
is then allowed is more scope the answer: a machine that is refused for being a machine stays refused whatever
its token says, and is never sent for another one. Of the sets of scopes with which every question of the
message would be allowed, the smallest is told.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations, islice

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
from policy_engine.evaluator.entities import by_uid
from policy_engine.evaluator.policy_store import PolicyStore, StoredPolicy
from policy_engine.kept import Kept
from policy_engine.model import AuthorizationRequest, EntityUid

__all__ = ["StepUp"]

_MOST_SCOPES = 24
"""Beyond as many candidates, nothing is proposed: what a refusal costs has to have a bound."""

_MOST_SETS = 32
"""How many sets are tried, the smallest first; then one is told of which nothing can be left out."""

_MOST_QUESTIONS, _ROUNDS = 192, 2
"""How much may be asked for one message: so much, and so often each of its requests; then nothing is told."""

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
            requests: the questions of one message, one that was refused first.
        """
        if not self._asking:
            return ()
        held = frozenset(requests[0].context["token"]["scopes"])
        lacking = sorted(self._named_for(requests) - held)
        if not lacking or len(lacking) > _MOST_SCOPES:
            return ()
        try:
            return _smallest(_Trial(self._allowed, requests, held, tuple(lacking)), lacking)
        except _GivenUpError:
            return ()

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

    def _named_for(self, requests: Sequence[AuthorizationRequest]) -> set[str]:
        """The scopes that policies name which may have to do with one of the requests."""
        actions = {request.action for request in requests}
        around = {id(request.surroundings): request.surroundings for request in requests}
        for surroundings in around.values():
            uids = by_uid(surroundings.whole)
            actions.update(uid for uid in uids if uid.type == "Action")
        keys: list[Key] = [ANY, *((op, uid.type, uid.id) for uid in actions for op in ("==", "in"))]
        named: set[str] = set()
        for policy in (policy for key in keys for policy in self._asking.get(key, ())):
            scope = policy.effective.scope
            if scope is not None and _may_be_of(scope.principal, requests[0].principal.uid):
                named |= self._named_by(policy)
        return named

    def _named_by(self, policy: StoredPolicy) -> frozenset[str]:
        found = self._scopes.get(policy.id)
        if found is None:
            found = frozenset(_scopes_of(tree_of(policy.effective.est)))
            self._scopes.keep(policy.id, found, 200 + 80 * len(found))
        return found


class _GivenUpError(Exception):
    """No set does, or to find one takes too long."""


class _Trial:
    """Asks requests again, as if the token had more scopes.

    A request that was refused with some scopes is asked first with the next: of two hundred, one or two tell
    most sets to be too small.

    Args:
        allowed: whether a request is allowed.
        requests: those of one message; the first was refused.
        held: the scopes that the token has.
        lacking: all that it could have beside.
    """

    __slots__ = ("_allowed", "_held", "_lacking", "_left", "_refused", "_rest")

    def __init__(
        self,
        allowed: Allowed,
        requests: Sequence[AuthorizationRequest],
        held: frozenset[str],
        lacking: tuple[str, ...],
    ) -> None:
        self._allowed = allowed
        self._held = held
        self._lacking = lacking
        self._refused = [requests[0]]
        self._rest = list(requests[1:])
        self._left = _MOST_QUESTIONS + _ROUNDS * len(requests)

    def suffices(self, added: tuple[str, ...]) -> bool:
        """Whether every request is allowed with more scopes; if not, one is among the refused that is not.

        Raises:
            _GivenUpError: too much was asked, or a request is refused with all scopes.
        """
        if not self.suffices_for_refused(added):
            return False
        for at, request in enumerate(self._rest):
            if not self._ask(request, added):
                if not self._ask(request, self._lacking):
                    raise _GivenUpError
                # The others that passed come last: what was allowed with fewer scopes mostly stays allowed.
                self._rest = self._rest[at + 1 :] + self._rest[:at]
                self._refused.insert(0, request)
                return False
        return True

    def suffices_for_refused(self, added: tuple[str, ...]) -> bool:
        """Whether those are allowed that were refused with some set.

        Raises:
            _GivenUpError: too much was asked.
        """
        for at, request in enumerate(self._refused):
            if not self._ask(request, added):
                self._refused.insert(0, self._refused.pop(at))
                return False
        return True

    def _ask(self, request: AuthorizationRequest, added: tuple[str, ...]) -> bool:
        if not self._left:
            raise _GivenUpError
        self._left -= 1
        token = {**request.context["token"], "scopes": sorted(self._held.union(added))}
        return self._allowed(replace(request, context={**request.context, "token": token}))


def _smallest(trial: _Trial, lacking: list[str]) -> tuple[str, ...]:
    """The smallest set that suffices, or one that can't be thinned; empty if all together don't suffice."""
    if not trial.suffices_for_refused(tuple(lacking)):
        return ()
    sets = (added for size in range(1, len(lacking) + 1) for added in combinations(lacking, size))
    for added in islice(sets, _MOST_SETS):
        if trial.suffices(added):
            return added
    return _thinned(trial, lacking)


def _thinned(trial: _Trial, scopes: list[str]) -> tuple[str, ...]:
    """A set of which no member could be left out, where looking for the smallest takes too long."""
    while True:
        kept = tuple(scopes)
        for scope in scopes:
            without = tuple(one for one in kept if one != scope)
            if trial.suffices_for_refused(without):
                kept = without
        if trial.suffices(kept):  # else one more was refused, and keeps in what it needs
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
