"""Entities that are known before anybody asks, looked up by type and number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import read_record, uid_of
from policy_engine.evaluator import EntityOf, Plain, SetOf, Vocabulary
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import constant, make_set
from policy_engine.review.symbolic.terms import Sort, Term
from policy_engine.review.symbolic.values import SetValue, Symbolic, lift, set_sort

__all__ = ["NOTHING", "KnownEntity", "KnownStore"]

NOTHING: Mapping[EntityUid, CedarJson] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntity:
    """What there is to know of one entity.

    Attributes:
        number: of its id.
        complete: whether there is no more to it; else, a request may say more.
        attributes: by name; no others are there.
        tags: likewise.
        above: the numbers of everything that it is in, by type.
    """

    number: int
    complete: bool
    attributes: Mapping[str, Symbolic]
    tags: Mapping[str, Symbolic]
    above: Mapping[str, frozenset[int]]

    def ancestors(self, type_: str) -> Term:
        """Its ancestors of a type."""
        return make_set(Sort.INTS, *map(constant, self.above.get(type_, ())))


class KnownStore:
    """What is known of entities, and of which types there are no others.

    Args:
        entities: Cedar's JSON entity format, by uid.
        ids: numbers of ids.
        vocabulary: the schema.
        complete: types of which no entity exists that isn't among them.
        partial: those of them of which requests may say more.

    Attributes:
        entities: those that were given.
        settled: those of them that are known completely.

    Raises:
        CedarError: an entity isn't of that format.
    """

    def __init__(
        self,
        entities: Mapping[EntityUid, CedarJson],
        ids: Ids,
        vocabulary: Vocabulary,
        *,
        complete: frozenset[str] = frozenset(),
        partial: frozenset[EntityUid] = frozenset(),
    ) -> None:
        self.complete = complete
        self.entities = entities
        self.settled: Mapping[EntityUid, CedarJson] = MappingProxyType(
            {uid: entity for uid, entity in entities.items() if uid not in partial}
        )
        self._parents = {
            uid: tuple(parent for parent in map(uid_of, entity.get("parents", ())) if parent is not None)
            for uid, entity in entities.items()
        }
        self._by_type: dict[str, dict[int, KnownEntity]] = {}
        for uid, entity in entities.items():
            known = _entity(uid, entity, self._above(uid), ids, vocabulary, complete=uid not in partial)
            self._by_type.setdefault(uid.type, {})[known.number] = known

    def find(self, type_: str, number: int) -> KnownEntity | None:
        """What is known of an entity, if it is known completely."""
        found = self._by_type.get(type_, {}).get(number)
        return None if found is None or not found.complete else found

    def of_type(self, type_: str) -> Iterator[KnownEntity]:
        """All that is known of the entities of a type, be it complete or not."""
        return iter(self._by_type.get(type_, {}).values())

    def _above(self, uid: EntityUid) -> Mapping[str, set[EntityUid]]:
        found: dict[str, set[EntityUid]] = {}
        rest = [*self._parents[uid]]
        while rest:
            above = rest.pop()
            if above not in found.setdefault(above.type, set()):
                found[above.type].add(above)
                rest += self._parents.get(above, ())
        return found


def _entity(
    uid: EntityUid,
    entity: CedarJson,
    above: Mapping[str, set[EntityUid]],
    ids: Ids,
    vocabulary: Vocabulary,
    *,
    complete: bool,
) -> KnownEntity:
    row = vocabulary.entity_types.get(uid.type)
    attributes = {
        name: lift(value, ids) for name, value in read_record(entity.get("attrs", {})).fields.items()
    }
    tags = {name: lift(value, ids) for name, value in read_record(entity.get("tags", {})).fields.items()}
    if row is not None:
        attributes = {
            name: _typed(value, row.fields[name].type if name in row.fields else None)
            for name, value in attributes.items()
        }
        tags = {name: _typed(value, row.tags) for name, value in tags.items()}
    return KnownEntity(
        number=ids.number(uid.id),
        complete=complete,
        attributes=MappingProxyType(attributes),
        tags=MappingProxyType(tags),
        above=MappingProxyType(
            {type_: frozenset(ids.number(each.id) for each in uids) for type_, uids in above.items()}
        ),
    )


def _typed(value: Symbolic, type_: object) -> Symbolic:
    """An empty set says nothing of its elements; the schema does."""
    if isinstance(value, SetValue) and value.element is None and isinstance(type_, SetOf):
        element = type_.element
        sort = set_sort(element) if isinstance(element, Plain | EntityOf) else None
        if sort is not None:
            return SetValue(element, make_set(sort))
    return value
