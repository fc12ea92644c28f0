"""What Cedar is told of entities, whoever asks for whatever: as the evaluator would find it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from policy_engine.cedar import CedarError, Facts, read_record, uid_of
from policy_engine.evaluator.entities import EntityFinder, merged
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Knowledge", "Own"]

Own = Mapping[EntityUid, CedarJson]
"""What a request brings along of entities."""

_KEPT = 8192
_NOTHING: Own = MappingProxyType({})


class Knowledge:
    """What is known of entities before anybody asks.

    Args:
        static: what the operator says.
        catalogue: what is known of pinned tools and servers.
        actions: the actions that policies name, with their groups.
    """

    __slots__ = ("_find", "of")

    def __init__(
        self, static: StaticEntities, catalogue: EntityFinder, actions: Mapping[EntityUid, CedarJson]
    ) -> None:
        def find(uid: EntityUid) -> tuple[CedarJson | None, ...]:
            return static.find(uid), catalogue(uid), actions.get(uid)

        self._find = find
        self.of = lru_cache(_KEPT)(self._of)

    def facts(self, uid: EntityUid, own: Own) -> Facts | None:
        """What is known of an entity, together with what the request says; None if it isn't there."""
        entity = merged(own.get(uid), *self._find(uid))
        if entity is None:
            return None
        return Facts(
            attributes=read_record(entity.get("attrs", {})),
            tags=read_record(entity.get("tags", {})),
            ancestors=self._above(entity, own),
        )

    def _of(self, uid: EntityUid) -> Facts | None:
        return self.facts(uid, _NOTHING)

    def _above(self, entity: CedarJson, own: Own) -> frozenset[EntityUid]:
        found: set[EntityUid] = set()
        rest = _parents(entity)
        while rest:
            uid = rest.pop()
            if uid not in found:
                found.add(uid)
                rest += _parents(merged(own.get(uid), *self._find(uid)))
        return frozenset(found)


def _parents(entity: CedarJson | None) -> list[EntityUid]:
    if entity is None:
        return []
    parents = [uid_of(parent) for parent in entity.get("parents", ())]
    if None in parents:
        raise CedarError("cedar_entities", "a parent isn't a uid")
    return [uid for uid in parents if uid is not None]
