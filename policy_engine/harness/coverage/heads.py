"""Which policies' heads admit a request, found once for each who and what."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import cast

from policy_engine.cedar import (
    Entity,
    Facts,
    KnownEntities,
    PartialRequest,
    PolicyTree,
    fold_clause,
)
from policy_engine.model import EntityUid

__all__ = ["Heads"]

_KEPT = 8192

_Known = tuple[EntityUid, frozenset[EntityUid]]
"""An entity, and what it is in: all that a head can ask of it."""


class Heads:
    """The heads of policies.

    Args:
        trees: of the policies, in their order.
    """

    def __init__(self, trees: Sequence[PolicyTree]) -> None:
        self._trees = trees
        self._askers: Callable[[_Known], frozenset[int]] = lru_cache(_KEPT)(self._admitting)
        self._targets: Callable[[_Known, _Known], frozenset[int]] = lru_cache(_KEPT)(self._about)

    def admitting(self, request: PartialRequest) -> list[int]:
        """The places of the policies whose heads admit a request that is known in full."""
        principal, action, resource = (_known(request, name) for name in ("principal", "action", "resource"))
        return sorted(self._askers(principal) & self._targets(action, resource))

    def _admitting(self, principal: _Known) -> frozenset[int]:
        request = PartialRequest(principal=Entity(principal[0]), entities=_entities(principal))
        return frozenset(
            place for place, tree in enumerate(self._trees) if fold_clause(tree.principal, request).holds
        )

    def _about(self, action: _Known, resource: _Known) -> frozenset[int]:
        request = PartialRequest(
            action=Entity(action[0]), resource=Entity(resource[0]), entities=_entities(action, resource)
        )
        return frozenset(
            place
            for place, tree in enumerate(self._trees)
            if fold_clause(tree.action, request).holds and fold_clause(tree.resource, request).holds
        )


def _known(request: PartialRequest, variable: str) -> _Known:
    entity = cast("Entity", request.variable(variable))  # known in full
    return entity.uid, request.entities.of(entity.uid).ancestors


def _entities(*known: _Known) -> KnownEntities:
    return KnownEntities(facts={uid: Facts(ancestors=ancestors) for uid, ancestors in known})
