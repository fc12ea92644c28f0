"""Policies by scope: which of thousands can have anything to do with a request, without looking at each.

A policy whose scope doesn't admit a request is skipped by Cedar before anything of it is evaluated: it can
neither decide nor err. So a request is answered by the others alone, errors and reasons included.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from policy_engine.cedar.slicing.scope import Key, Keys, Placed

__all__ = ["ScopeIndex", "ScopeKeys", "TargetKeys"]

ScopeKeys = tuple[Key, tuple[Key, ...], Key]
"""A `PolicyScope`, or a plain tuple of the same: that is no work for the garbage collector."""

_ByTarget = dict[tuple[Key, Key], int | list[int]]
"""Numbers of policies by action and resource; most are alone."""


class TargetKeys(NamedTuple):
    """What an action and a resource are for the scopes of a set; alike for all that no scope tells apart."""

    action: Keys
    resource: Keys


class ScopeIndex:
    """The scopes of a policy set.

    Args:
        scopes: one a policy, in the order of the set; taken one by one, so that whoever gives them can pause.
    """

    __slots__ = ("_actions", "_by_principal", "_resources")

    def __init__(self, scopes: Iterable[ScopeKeys]) -> None:
        self._by_principal: dict[Key, _ByTarget] = {}
        self._actions: set[Key] = set()
        self._resources: set[Key] = set()
        for number, (principal, actions, resource) in enumerate(scopes):
            by_target = self._by_principal.setdefault(principal, {})
            for action in actions:
                target = action, resource
                found = by_target.setdefault(target, number)
                if isinstance(found, list):
                    found.append(number)
                elif found != number:
                    by_target[target] = [found, number]
            self._actions.update(actions)
            self._resources.add(resource)

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
        targets = frozenset(product(target.action, target.resource))
        for principal in asker:
            by_target = self._by_principal[principal]
            for one in by_target.keys() & targets:
                numbers = by_target[one]
                found.update(numbers if isinstance(numbers, list) else (numbers,))
        return sorted(found)
