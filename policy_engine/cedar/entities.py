"""Sets of entities, parsed once and shared by requests."""

from collections.abc import Mapping, Sequence

import cedarpy

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import from_text, to_text
from policy_engine.cedar.schema import Schema, handle_of
from policy_engine.model import CedarJson, EntityUid

__all__ = ["EntityHandle"]


class EntityHandle:
    """A parsed, immutable set of entities, ancestors included.

    Attributes:
        handle: for the modules of this package alone.
    """

    __slots__ = ("_above", "handle")

    def __init__(self, handle: cedarpy.Entities) -> None:
        self.handle = handle
        self._above: Mapping[EntityUid, frozenset[EntityUid]] | None = None

    @classmethod
    def from_json(cls, entities: Sequence[CedarJson], schema: Schema | None = None) -> "EntityHandle":
        """Parse Cedar's JSON entity format.

        Args:
            entities: each `{"uid": …, "attrs": …, "parents": …, "tags": …}`.
            schema: what they are checked against; it also brings the actions that it declares.

        Raises:
            CedarError: `cedar_entities`: not that format, not that schema, two different entities with one
                uid, or a cycle among parents.
        """
        text = to_text(list(entities), "cedar_entities")
        try:
            return cls(cedarpy.Entities.from_json_str(text, handle_of(schema)))
        except ValueError:
            raise CedarError("cedar_entities", "not what the schema says") from None

    def with_added(self, entities: Sequence[CedarJson], schema: Schema | None = None) -> "EntityHandle":
        """A new set that also holds these; only these are parsed and checked, ancestors are found anew.

        Args:
            entities: in Cedar's JSON entity format.
            schema: one without actions, if this set holds actions that it wouldn't declare the same way.

        Raises:
            CedarError: as for `from_json`; also if an entity differs from one of the same uid in this set.
        """
        text = to_text(list(entities), "cedar_entities")
        try:
            return EntityHandle(self.handle.with_added_json_str(text, handle_of(schema)))
        except ValueError:
            raise CedarError("cedar_entities", "not what the schema says") from None

    def to_json(self) -> list[CedarJson]:
        """What it holds, in Cedar's JSON format: values in explicit forms, all ancestors as parents."""
        entities: list[CedarJson] = from_text(str(self.handle))
        return entities

    def ancestors(self, uid: EntityUid) -> frozenset[EntityUid]:
        """All that an entity is in, as Cedar sees it; nothing for one that isn't here."""
        if self._above is None:
            self._above = {
                EntityUid(**entity["uid"]): frozenset(EntityUid(**parent) for parent in entity["parents"])
                for entity in self.to_json()
            }
        return self._above.get(uid, frozenset())

    def __len__(self) -> int:
        """How many entities there are."""
        return len(self.handle)
