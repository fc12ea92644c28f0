"""Sets of entities, parsed once and shared by requests."""

import json
from collections.abc import Sequence

import cedarpy

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import to_text
from policy_engine.cedar.schema import Schema, handle_of
from policy_engine.model import CedarJson

__all__ = ["EntityHandle"]


class EntityHandle:
    """A parsed, immutable set of entities, ancestors included.

    Attributes:
        handle: for the modules of this package alone.
    """

    __slots__ = ("handle",)

    def __init__(self, handle: cedarpy.Entities) -> None:
        self.handle = handle

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
        entities: list[CedarJson] = json.loads(str(self.handle))
        return entities

    def __len__(self) -> int:
        """How many entities there are."""
        return len(self.handle)
