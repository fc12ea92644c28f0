"""The world that a kind of request is asked in: what each of its values is called, and what is known of it.

Attributes, tags, ancestors and the existence of an entity are functions of the number of its id. Nothing is
said of an entity but what the schema says, and what is known of it; by default not even that it exists, since
Cedar answers requests about entities that it wasn't told of (the *open world*).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.evaluator import CedarType, EntityOf, Vocabulary
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.symbolic.choosing import choose_among
from policy_engine.review.symbolic.environments import Environment
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import (
    apply,
    choose,
    conjunction,
    constant,
    disjunction,
    equal,
    make_set,
    variable,
)
from policy_engine.review.symbolic.sources import Source, type_of
from policy_engine.review.symbolic.store import NOTHING, KnownEntity, KnownStore
from policy_engine.review.symbolic.terms import FALSE, TRUE, Name, Operator, Sort, Term
from policy_engine.review.symbolic.values import UNSEEN, EntityValue, Field, RecordValue, Symbolic

__all__ = ["NOBODY", "Axiom", "Partly", "Scene"]

_ABSENT = Field(FALSE, UNSEEN)

Axiom = Callable[["Scene", tuple[Term, ...]], Iterable[Term]]
"""Gives what always holds of some formulas, given all their parts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Partly:
    """What is known of one entity that isn't known completely.

    Attributes:
        attributes: those that are known.
        above: its ancestors, by type, where they are known.
        tagged: whether it has tags besides those that `static` tells of.
        static: entities that it may be, and what is known of their tags.
        unlisted: whether it is none of those that are known completely.
    """

    attributes: Mapping[str, Field] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    above: Mapping[str, Term] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    tagged: bool = True
    static: tuple[KnownEntity, ...] = field(default=(), hash=False)
    unlisted: bool = False


NOBODY = Partly()


class Scene:
    """All that a formula of one kind of request may speak of.

    Args:
        vocabulary: the schema.
        environment: the kind of request.
        ids: numbers of ids; shared by all that is put together into one question.
        known: entities that are known completely, in Cedar's JSON entity format.
        asked: the same, as the resource of a request.
        resource: the only resource there is, if there is only one.
        closed: whether every entity exists that anything refers to.
        twin: whether the principal is the second one of a question about two: it has a name of its own.
        absent: paths of the context that are never there.
        existing: paths of the context that hold entities which exist.
        partly: what is known of any resource.
        axioms: what holds in addition.
        cache: of encoded bodies, for all worlds of one vocabulary and one store.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        environment: Environment,
        ids: Ids,
        known: Mapping[EntityUid, CedarJson] | KnownStore = NOTHING,
        resource: EntityUid | None = None,
        *,
        asked: KnownStore | None = None,
        closed: bool = False,
        twin: bool = False,
        absent: frozenset[Name] = frozenset(),
        existing: frozenset[Name] = frozenset(),
        partly: Partly = NOBODY,
        axioms: tuple[Axiom, ...] = (),
        cache: dict[Any, Any] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.environment = environment
        self.ids = ids
        self.known = known if isinstance(known, KnownStore) else KnownStore(known, ids, vocabulary)
        self.asked = self.known if asked is None else asked
        self.closed = closed
        self.twin = twin
        self.axioms = axioms
        self.cache: dict[Any, Any] = {} if cache is None else cache
        who = variable(Sort.INT, "twin" if twin else "principal")
        what = variable(Sort.INT, "resource") if resource is None else constant(ids.number(resource.id))
        self.principal = EntityValue(environment.principal, who)
        self.action = EntityValue("Action", constant(ids.number(environment.action)))
        self.resource = EntityValue(environment.resource, what)
        self.action_uid = EntityUid("Action", environment.action)
        self.groups = self.groups_of(environment.action)
        self.action_type = vocabulary.actions[environment.action]
        self.context = self._context(absent)
        self.partly = partly
        there = (self._entity_at(path) for path in existing)
        self.present = frozenset(
            {(environment.principal, who), (environment.resource, what), *(it for it in there if it)}
        )
        self.prepared: dict[int, Any] = self.cache.setdefault("prepared", {})
        self._attributes: dict[tuple[str, Term, str], Field] = {}
        self._exists: dict[tuple[str, Term], Term] = {}

    def exists(self, type_: str, which: Term) -> Term:
        """Whether there is such an entity."""
        if self.closed or (type_, which) in self.present:
            return TRUE
        key = (type_, which)
        found = self._exists.get(key)
        if found is None:
            known = self._cases(type_, which)
            there = (_is(which, entity) for entity in known)
            found = disjunction(*there, self._unknown_exists(type_, which))
            self._exists[key] = found
        return found

    def attribute(self, type_: str, which: Term, name: str) -> Field:
        """An attribute of an entity, and whether it is there: both the entity and the attribute are."""
        key = (type_, which, name)
        found = self._attributes.get(key)
        if found is None:
            found = self._attributes[key] = self._attribute(type_, which, name)
        return found

    def tag(self, type_: str, which: Term, name: Term) -> Field:
        """A tag of an entity, and whether it is there."""
        row = self.vocabulary.entity_types.get(type_)
        if row is None or row.tags is None:
            return _ABSENT
        found = _ABSENT
        part = self._part(type_, which)
        if self._may_be_unknown(type_, which) and part.tagged:
            source = Source(("tag", type_), ("tag?", type_), (which, name))
            there = apply(Sort.BOOL, ("hastag", type_), which, name)
            found = Field(conjunction(self._unknown_exists(type_, which), there), source.build(row.tags, ()))
        known = (*part.static, *self._cases(type_, which))
        return choose_among(((_is(which, entity), _tag(entity, name)) for entity in known), found)

    def ancestors(self, type_: str, which: Term, above: str) -> Term:
        """The set of the ancestors of an entity that are of a type; itself isn't among them."""
        found = make_set(Sort.INTS)
        if self._may_be_unknown(type_, which):
            part = self._part(type_, which).above
            found = part[above] if above in part else apply(Sort.INTS, ("ancestors", type_, above), which)
            found = choose(self._unknown_exists(type_, which), found, make_set(Sort.INTS))
        groups: dict[Term, list[Term]] = {}
        for entity in self._cases(type_, which):
            groups.setdefault(entity.ancestors(above), []).append(_is(which, entity))
        for known, conditions in groups.items():
            found = choose(disjunction(*conditions), known, found)
        return found

    def may_be_in(self, type_: str, above: str) -> bool:
        """Whether an entity of one type may have an ancestor of another."""
        return above in self.above(type_)

    def above(self, type_: str) -> frozenset[str]:
        """The types that ancestors of an entity may be of."""
        key = ("above", type_)
        found: frozenset[str] | None = self.cache.get(key)
        if found is None:
            types = self.vocabulary.entity_types
            parents = types[type_].parents if type_ in types else ()
            found = frozenset().union(*(types[parent].ancestors for parent in parents if parent in types))
            self.cache[key] = found
        return found

    def groups_of(self, action: str) -> frozenset[str]:
        """Ids of the actions that an action is in, itself included."""
        known = self.vocabulary.actions.get(action)
        return frozenset({action}) if known is None else known.groups | {action}

    def entity_type_of(self, which: Term) -> str | None:
        """The type of the entity whose number a term is; None if it is none, or a constant."""
        type_ = None if which.name is None or which.sort is not Sort.INT else self.type_of(which.name)
        return type_.name if isinstance(type_, EntityOf) else None

    def type_of(self, name: Name) -> CedarType | None:
        """The type of what is called so."""
        return type_of(name, self.vocabulary, self.environment, self.principal.term.name or ())

    def _attribute(self, type_: str, which: Term, name: str) -> Field:
        row = self.vocabulary.entity_types.get(type_)
        declared = None if row is None else row.fields.get(name)
        if declared is None:
            return _ABSENT
        found = _ABSENT
        if self._may_be_unknown(type_, which):
            part = self._part(type_, which).attributes.get(name)
            if part is None:
                source = Source(("attr", type_), ("attr?", type_), (which,))
                part = source.field(declared.type, (name,), required=declared.required)
            found = Field(conjunction(self._unknown_exists(type_, which), part.there), part.value)
        known = ((_is(which, entity), _attribute(entity, name)) for entity in self._cases(type_, which))
        return choose_among(known, found)

    def _cases(self, type_: str, which: Term) -> Iterable[KnownEntity]:
        """The entities known completely that it may be."""
        store = self._store(which)
        if which.operator is Operator.CONSTANT:
            known = store.find(type_, _number(which))
            return () if known is None else (known,)
        if self._part(type_, which).unlisted:
            return ()
        return (known for known in store.of_type(type_) if known.complete)

    def _may_be_unknown(self, type_: str, which: Term) -> bool:
        """Whether it may be another than those that are known."""
        if which.operator is Operator.CONSTANT and self._store(which).find(type_, _number(which)) is not None:
            return False
        return type_ not in self.known.complete

    def _store(self, which: Term) -> KnownStore:
        return self.asked if which is self.resource.term else self.known

    def _unknown_exists(self, type_: str, which: Term) -> Term:
        if self.closed or (type_, which) in self.present:
            return TRUE
        if not self._may_be_unknown(type_, which) or type_ == "Action":
            return FALSE
        row = self.vocabulary.entity_types.get(type_)
        return FALSE if row is None else apply(Sort.BOOL, ("exists", type_), which)

    def _part(self, type_: str, which: Term) -> Partly:
        is_resource = which is self.resource.term and type_ == self.resource.type
        return self.partly if is_resource else NOBODY

    def _context(self, absent: frozenset[Name]) -> RecordValue:
        source = Source(("context",), ("context?",), absent=absent)
        fields = self.action_type.context.fields.items()
        return RecordValue(
            {name: source.field(row.type, (name,), required=row.required) for name, row in fields}
        )

    def _entity_at(self, path: Name) -> tuple[str, Term] | None:
        record: Symbolic = self.context
        for name in path:
            field = record.fields.get(name) if isinstance(record, RecordValue) else None
            if field is None or field.there is FALSE:
                return None
            record = field.value
        return (record.type, record.term) if isinstance(record, EntityValue) else None


def _is(which: Term, entity: KnownEntity) -> Term:
    return equal(which, constant(entity.number))


def _attribute(entity: KnownEntity, name: str) -> Field:
    value = entity.attributes.get(name)
    return _ABSENT if value is None else Field(TRUE, value)


def _tag(entity: KnownEntity, name: Term) -> Field:
    tags = ((equal(name, constant(text)), Field(TRUE, value)) for text, value in entity.tags.items())
    return choose_among(tags, _ABSENT)


def _number(known: Term) -> int:
    if not isinstance(known.value, int):
        raise TypeError("an id isn't a number")
    return known.value
