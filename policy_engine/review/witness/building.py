"""Requests and entities of a schema's types, with a model's values, and likely ones where it has none."""

import sys
from collections.abc import Iterator
from typing import Any, assert_never

from policy_engine.cedar import references
from policy_engine.evaluator import CedarType, Constant, EntityOf, Plain, RecordOf, SetOf, Vocabulary
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.solving import ModelValue
from policy_engine.review.symbolic import Name
from policy_engine.review.witness.defaults import default
from policy_engine.review.witness.model import Model
from policy_engine.review.witness.naming import Naming
from policy_engine.review.witness.written import plain

__all__ = ["Builder"]

_Arguments = tuple[ModelValue, ...]

_LONGS = range(-(2**63), 2**63)
"""The numbers that Cedar has."""

_ENTITY_NAMES = frozenset({"attr", "attr?", "ancestors", "exists", "hastag", "tag", "tag?"})


class Builder:
    """Builds what a model speaks of.

    Attributes:
        between: groups that had to be made up, so that something may be in another.

    Args:
        model: what a solver chose.
        naming: ids of numbers.
        vocabulary: the schema.
        related: the numbers that groups are told from one another by; in a group of any other number an
            entity is of no account.
    """

    def __init__(
        self, model: Model, naming: Naming, vocabulary: Vocabulary, related: frozenset[int] | None
    ) -> None:
        self._model = model
        self._naming = naming
        self._types = vocabulary.entity_types
        self._related = related
        self.between: dict[EntityUid, CedarJson] = {}

    def spoken_of(self) -> Iterator[tuple[str, int]]:
        """Type and number of each entity that the model says something of."""
        for name, values in self._model.values.items():
            if name and name[0] in _ENTITY_NAMES:
                for number in {arguments[0] for arguments in values}:
                    if isinstance(number, int):
                        yield name[1], number

    def exists(self, type_: str, number: int) -> bool:
        """Whether the model has such an entity."""
        return self._model.get(("exists", type_), (number,)) is True

    def context(self, fields: RecordOf) -> CedarJson:
        """The context of the request."""
        return self._record(fields, ("context",), ("context?",), (), None)

    def entity(self, type_: str, number: int, known: CedarJson | None = None) -> CedarJson:
        """An entity, in Cedar's JSON entity format.

        Args:
            type_: its type.
            number: of its id.
            known: what is known of it besides; the model has the last word.
        """
        uid = self._naming.uid(type_, number)
        row = self._types[type_]
        told = self._record(RecordOf(row.fields), ("attr", type_), ("attr?", type_), (number,), uid)
        known = known or {}
        free = {name for name in known.get("attrs", {}) if not self._asked(type_, name, number)}
        attributes = {**told, **{name: known["attrs"][name] for name in free if name in row.fields}}
        parents = {*self._parents(type_, number), *references(known.get("parents", ()))}
        tags = {**known.get("tags", {}), **self._tags(type_, number)}
        return {
            "uid": uid.to_json(),
            "attrs": {name: attributes[name] for name in row.fields if name in attributes},
            "parents": [parent.to_json() for parent in sorted(parents)],
            **({"tags": {name: tags[name] for name in sorted(tags)}} if tags else {}),
        }

    def _asked(self, type_: str, name: str, number: int) -> bool:
        return any(self._model.asked_within((kind, type_, name), (number,)) for kind in ("attr", "attr?"))

    def _parents(self, type_: str, number: int) -> Iterator[EntityUid]:
        row = self._types[type_]
        uid = self._naming.uid(type_, number)
        for above in sorted(row.ancestors | row.parents):
            chosen = self._model.get(("ancestors", type_, above), (number,))
            if isinstance(chosen, frozenset):
                for each in sorted(each for each in chosen if isinstance(each, int)):
                    if self._related is None or each in self._related:
                        yield self._through(uid, self._naming.uid(above, each))
            elif above == "Server" and above in row.parents:  # where nobody asks, its id says whose it is
                yield EntityUid(above, uid.id.partition("/")[0])

    def _through(self, uid: EntityUid, above: EntityUid) -> EntityUid:
        """The group itself, or one that is in it, where the type can't be in it directly."""
        parents = self._types[uid.type].parents
        if above.type in parents:
            return above
        ways = {type_: self._steps(type_, above.type) for type_ in parents}
        type_ = min(ways, key=lambda way: (ways[way], way))
        between = EntityUid(type_, f"{uid.id} in {above.id}")
        fields = RecordOf(self._types[type_].fields)
        self.between[between] = {
            "uid": between.to_json(),
            "attrs": self._record(fields, ("attr", type_), ("attr?", type_), (_ANY,), between),
            "parents": [self._through(between, above).to_json()],
        }
        return between

    def _steps(self, type_: str, above: str) -> int:
        """How many groups away one of another type is; very many if it can't be reached."""
        steps, reached, edge = 0, {type_}, {type_}
        while edge and above not in edge:
            steps += 1
            edge = {parent for each in edge for parent in self._types[each].parents} - reached
            reached |= edge
        return steps if edge else sys.maxsize

    def _tags(self, type_: str, number: int) -> dict[str, Any]:
        type_of = self._types[type_].tags
        if type_of is None:
            return {}
        there = self._model.values.get(("hastag", type_), {})
        names = [
            arguments[1] for arguments, value in there.items() if arguments[0] == number and value is True
        ]
        return {
            name: self._value(type_of, ("tag", type_), ("tag?", type_), (number, name), None)
            for name in names
            if isinstance(name, str)
        }

    def _record(
        self, fields: RecordOf, name: Name, there: Name, of: _Arguments, uid: EntityUid | None
    ) -> CedarJson:
        return {
            own: self._value(field.type, (*name, own), (*there, own), of, uid)
            for own, field in fields.fields.items()
            if field.required or self._present((*name, own), (*there, own), of)
        }

    def _present(self, name: Name, there: Name, of: _Arguments) -> bool:
        """Whether an optional field is there; where that isn't asked, whether anything of it is."""
        told = self._model.get(there, of)
        return self._model.asked_within(name, of) if told is None else told is True

    def _value(self, type_: CedarType, name: Name, there: Name, of: _Arguments, uid: EntityUid | None) -> Any:  # noqa: ANN401 -- JSON
        match type_:
            case Plain(kind):
                value = self._model.get(name, of)
                return plain(kind, default(kind, name, uid) if value is None else value)
            case EntityOf(kind):
                return {"__entity": self._reference(kind, self._model.get(name, of)).to_json()}
            case SetOf(element):
                chosen = self._model.get(name, of)
                return self._set(element, chosen) if isinstance(chosen, frozenset) else []
            case RecordOf():
                return self._record(type_, name, there, of, uid)
            case Constant(value):
                return value
            case _:
                assert_never(type_)

    def _set(self, element: CedarType, chosen: frozenset[int] | frozenset[str]) -> list[Any]:
        match element:
            case EntityOf(kind):
                uids = sorted(self._reference(kind, item) for item in chosen if isinstance(item, int))
                return [{"__entity": uid.to_json()} for uid in uids]
            case Plain(kind):
                # A set may hold numbers that nothing is compared with, and that Cedar doesn't have.
                there = (item for item in chosen if isinstance(item, str) or item in _LONGS)
                return [plain(kind, item) for item in sorted(there)]
            case _:
                return []

    def _reference(self, type_: str, chosen: ModelValue | None) -> EntityUid:
        if isinstance(chosen, int):
            return self._naming.uid(type_, chosen)
        return self._naming.uid(type_, _ANY)


_ANY = -1
"""Stands for an entity that nothing is said of."""
