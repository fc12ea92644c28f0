"""What is known of entities besides what a request brings with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from policy_engine.cedar import CedarError, uid_of
from policy_engine.evaluator.entities import EntityFinder, merged
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Knowledge", "Own", "ancestors"]

Own = Mapping[EntityUid, CedarJson]
"""What a request brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Looks entities up.

    Attributes:
        static: what the operator says.
        catalogue: what is known of pinned tools and servers.
        actions: those that policies name, with their groups.
    """

    static: StaticEntities
    catalogue: EntityFinder
    actions: Own

    def finder(self, own: Own) -> EntityFinder:
        """Looks up all that is known; what the request says comes first."""
        static, catalogue, actions = self.static.find, self.catalogue, self.actions.get

        def find(uid: EntityUid) -> CedarJson | None:
            if uid.type == "Action":
                return merged(own.get(uid), static(uid), catalogue(uid), actions(uid))
            return merged(own.get(uid), static(uid), catalogue(uid))

        return find


def ancestors(uid: EntityUid, find: EntityFinder) -> frozenset[EntityUid]:
    """All that an entity is in, as Cedar will see it.

    Raises:
        CedarError: a parent isn't a uid.
    """
    above: set[EntityUid] = set()
    rest = [uid]
    while rest:
        entity = find(rest.pop())
        for parent in () if entity is None else entity.get("parents", ()):
            found = uid_of(parent)
            if found is None:
                raise CedarError("cedar_entities", "a parent isn't a uid")
            if found not in above:
                above.add(found)
                rest.append(found)
    return frozenset(above)
