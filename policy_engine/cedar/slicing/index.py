"""Policies by scope: which of thousands can have anything to do with a request, without looking at each.

A policy whose scope doesn't admit a request is skipped by Cedar before anything of it is evaluated: it can
neither decide nor err. So a request is answered by the others alone, errors and reasons included.
"""

from collections.abc import Iterable, Iterator, Sequence
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

    __slots__ = ("_actions", "_by_principal", "_principals", "_resources", "_targets")

    def __init__(self, scopes: Iterable[ScopeKeys]) -> None:
        # Most are the only one about their principal: a number, and nothing for the garbage collector.
        self._by_principal: dict[Key, int | _ByTarget] = {}
        self._principals: list[Key] = []
        self._targets: list[tuple[tuple[Key, ...], Key]] = []
        self._actions: set[Key] = set()
        self._resources: set[Key] = set()
        shared: dict[tuple[tuple[Key, ...], Key], tuple[tuple[Key, ...], Key]] = {}
        for number, (principal, actions, resource) in enumerate(scopes):
            target = actions, resource
            self._principals.append(principal)
            self._targets.append(shared.setdefault(target, target))
            self._add(principal, number)
            self._actions.update(actions)
            self._resources.add(resource)

    def _add(self, principal: Key, number: int) -> None:
        by_target = self._by_principal.setdefault(principal, number)
        if by_target == number:
            return
        if isinstance(by_target, int):
            first, by_target = by_target, {}
            self._by_principal[principal] = by_target
            self._place(by_target, first)
        self._place(by_target, number)

    def _place(self, by_target: _ByTarget, number: int) -> None:
        actions, resource = self._targets[number]
        for action in actions:
            target = action, resource
            found = by_target.setdefault(target, number)
            if isinstance(found, list):
                found.append(number)
            elif found != number:
                by_target[target] = [found, number]

    def scopes(self) -> Iterator[ScopeKeys]:
        """The scopes, in the order of the set."""
        for principal, (actions, resource) in zip(self._principals, self._targets, strict=True):
            yield principal, actions, resource

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
            if isinstance(by_target, int):
                actions, resource = self._targets[by_target]
                if resource in target.resource and not target.action.isdisjoint(actions):
                    found.add(by_target)
                continue
            for one in by_target.keys() & targets:
                numbers = by_target[one]
                found.update(numbers if isinstance(numbers, list) else (numbers,))
        return sorted(found)
