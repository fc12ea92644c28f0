"""What Cedar is told of entities, whoever asks for whatever: as the evaluator would find it."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from policy_engine.cedar import Facts, read_record
from policy_engine.evaluator.entities import EntityFinder, EntitySources, Own, ancestors
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Knowledge", "Own"]

_KEPT = 8192
_NOTHING: Own = MappingProxyType({})


class Knowledge:
    """What is known of entities before anybody asks.

    Args:
        static: what the operator says.
        catalogue: what is known of pinned tools and servers.
        actions: the actions that policies name, with their groups.
    """

    __slots__ = ("_sources", "of")

    def __init__(
        self, static: StaticEntities, catalogue: EntityFinder, actions: Mapping[EntityUid, CedarJson]
    ) -> None:
        self._sources = EntitySources(static=static, catalogue=catalogue, actions=actions)
        self.of = lru_cache(_KEPT)(self._of)

    def facts(self, uid: EntityUid, own: Own) -> Facts | None:
        """What is known of an entity, together with what the request says; None if it isn't there."""
        find = self._sources.finder(own)
        entity = find(uid)
        if entity is None:
            return None
        return Facts(
            attributes=read_record(entity.get("attrs", {})),
            tags=read_record(entity.get("tags", {})),
            ancestors=ancestors(uid, find),
        )

    def _of(self, uid: EntityUid) -> Facts | None:
        return self.facts(uid, _NOTHING)
