"""What is known of entities: attributes, tags and ancestors, in full or in part."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.fold.reading import read_record
from policy_engine.cedar.fold.shapes import PartialRecord, Unknown
from policy_engine.cedar.fold.values import Record
from policy_engine.cedar.literals import uid_of
from policy_engine.model import CedarJson, EntityUid

__all__ = ["NOTHING_KNOWN", "Facts", "KnownEntities"]

Fields = Record | PartialRecord | Unknown
_EMPTY = Record(MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one entity, or of every entity of a type.

    Attributes:
        attributes: a record, or an unknown one.
        tags: likewise.
        ancestors: entities that it certainly is in, at any distance.
        more: entity types of further ancestors that it may have; none if `ancestors` is complete, None if
            they may be of any type.
        exists: whether there is such an entity; None if that isn't known.
    """

    attributes: Fields = _EMPTY
    tags: Fields = _EMPTY
    ancestors: frozenset[EntityUid] = frozenset()
    more: frozenset[str] | None = frozenset()
    exists: bool | None = True

    def is_in(self, ancestor: EntityUid) -> bool | None:
        """Whether it is in another entity; None if that isn't known."""
        if ancestor in self.ancestors:
            return True
        return None if self.more is None or ancestor.type in self.more else False


NOTHING_KNOWN = Facts(attributes=Unknown("record"), tags=Unknown("record"), more=None, exists=None)
"""Of an entity that could be anything, or nothing."""

_NO_SUCH = Facts(exists=False)


def _nothing_known(_type: str | None) -> Facts:
    return NOTHING_KNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntities:
    """What is known of all entities.

    Attributes:
        facts: by uid.
        unlisted: what is known of an entity of some uid that `facts` lacks; by default, that there is none.
        unnamed: what holds of every entity of a type (None: of any type), listed ones included; used for
            principals and values of which only the type is known.
    """

    facts: Mapping[EntityUid, Facts] = field(default_factory=lambda: MappingProxyType({}))
    unlisted: Facts = _NO_SUCH
    unnamed: Callable[[str | None], Facts] = _nothing_known

    @classmethod
    def from_json(cls, entities: Iterable[CedarJson]) -> "KnownEntities":
        """Entities that are known in full; there are no others.

        Args:
            entities: Cedar's JSON entity format; parents need not hold their own parents.

        Raises:
            CedarError: `cedar_entities` or `cedar_request`: not that format.
        """
        by_uid = {_uid(entity.get("uid")): entity for entity in entities}
        parents = {uid: frozenset(map(_uid, entity.get("parents", ()))) for uid, entity in by_uid.items()}
        return cls(
            facts=MappingProxyType(
                {
                    uid: Facts(
                        attributes=read_record(entity.get("attrs", {})),
                        tags=read_record(entity.get("tags", {})),
                        ancestors=_above(uid, parents),
                    )
                    for uid, entity in by_uid.items()
                }
            )
        )

    def of(self, uid: EntityUid) -> Facts:
        """What is known of one entity."""
        return self.facts.get(uid, self.unlisted)


def _uid(json: object) -> EntityUid:
    uid = uid_of(json)
    if uid is None:
        raise CedarError("cedar_entities", "an entity has no uid")
    return uid


def _above(uid: EntityUid, parents: Mapping[EntityUid, frozenset[EntityUid]]) -> frozenset[EntityUid]:
    found: set[EntityUid] = set()
    rest = [*parents[uid]]
    while rest:
        ancestor = rest.pop()
        if ancestor not in found:
            found.add(ancestor)
            rest += parents.get(ancestor, ())
    return frozenset(found)
