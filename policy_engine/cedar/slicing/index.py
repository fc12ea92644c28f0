"""Policies by scope: which of thousands can have anything to do with a request, without looking at each.

A policy whose scope doesn't admit a request is skipped by Cedar before anything of it is evaluated: it can
neither decide nor err. So a request is answered by the others alone, errors and reasons included.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policy_engine.cedar.slicing.scope import Key, Keys, Placed, PolicyScope

__all__ = ["ScopeIndex", "TargetKeys"]

ByResource = dict[Key, list[int]]
ByAction = dict[Key, ByResource]


class TargetKeys(NamedTuple):
    """What an action and a resource are for the scopes of a set; alike for all that no scope tells apart."""

    action: Keys
    resource: Keys


class ScopeIndex:
    """The scopes of a policy set.

    Args:
        scopes: one a policy, in the order of the set.
    """

    __slots__ = ("_actions", "_by_principal", "_resources")

    def __init__(self, scopes: Iterable[PolicyScope]) -> None:
        self._by_principal: dict[Key, ByAction] = {}
        self._actions: set[Key] = set()
        self._resources: set[Key] = set()
        for number, scope in enumerate(scopes):
            by_action = self._by_principal.setdefault(scope.principal, {})
            for action in scope.action:
                by_action.setdefault(action, {}).setdefault(scope.resource, []).append(number)
            self._actions.update(scope.action)
            self._resources.add(scope.resource)

    def asker(self, principal: Placed) -> Keys:
        """What a principal is for the scopes of the set."""
        return frozenset(key for key in principal.constraints() if key in self._by_principal)

    def target(self, action: Placed, resource: Placed) -> TargetKeys:
        """What an action and a resource are."""
        return TargetKeys(
            frozenset(key for key in action.constraints() if key in self._actions),
            frozenset(key for key in resource.constraints() if key in self._resources),
        )

    def matching(self, asker: Keys, target: TargetKeys) -> Sequence[int]:
        """Numbers of the policies whose scopes admit all three, in the order of the set."""
        found: set[int] = set()
        for principal in asker:
            by_action = self._by_principal[principal]
            for action in by_action.keys() & target.action:
                by_resource = by_action[action]
                for resource in by_resource.keys() & target.resource:
                    found.update(by_resource[resource])
        return sorted(found)
