"""Values of a type that nothing more is known of: a variable, or a function of an entity, for each part."""

from collections.abc import Iterable
from dataclasses import dataclass

from policy_engine.evaluator import CedarType, EntityOf, Plain, RecordOf, SetOf, Vocabulary
from policy_engine.review.symbolic.environments import Environment
from policy_engine.review.symbolic.simplify import apply, variable
from policy_engine.review.symbolic.terms import FALSE, TRUE, Name, Sort, Term
from policy_engine.review.symbolic.values import (
    SORTS,
    UNSEEN,
    EntityValue,
    Field,
    RecordValue,
    Scalar,
    SetValue,
    Symbolic,
    set_sort,
)

__all__ = ["Source", "type_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from.

    Attributes:
        value: what the names of values begin with.
        there: what the names of their presence begin with.
        of: what they are functions of; nothing, if they belong to the request.
        absent: paths of fields that are certainly not there.
    """

    value: Name
    there: Name
    of: tuple[Term, ...] = ()
    absent: frozenset[Name] = frozenset()

    def leaf(self, sort: Sort, name: Name) -> Term:
        """The term of a name."""
        return apply(sort, name, *self.of) if self.of else variable(sort, *name)

    def field(self, type_: CedarType, path: Name, *, required: bool) -> Field:
        """A field, or an attribute."""
        if path in self.absent:
            return Field(FALSE, UNSEEN)
        there = TRUE if required else self.leaf(Sort.BOOL, (*self.there, *path))
        return Field(there, self.build(type_, path))

    def build(self, type_: CedarType, path: Name) -> Symbolic:
        """Any value of a type."""
        match type_:
            case Plain(name):
                sort = SORTS.get(name)
                return UNSEEN if sort is None else Scalar(name, self.leaf(sort, (*self.value, *path)))
            case EntityOf(name):
                return EntityValue(name, self.leaf(Sort.INT, (*self.value, *path)))
            case SetOf(element):
                sort = set_sort(element)
                return UNSEEN if sort is None else SetValue(element, self.leaf(sort, (*self.value, *path)))
            case RecordOf(fields):
                parts = fields.items()
                return RecordValue(
                    {name: self.field(row.type, (*path, name), required=row.required) for name, row in parts}
                )
            case _:
                return UNSEEN


def type_of(name: Name, vocabulary: Vocabulary, environment: Environment, who: Name) -> CedarType | None:
    """The type of what is called so; `who` is what the principal is called."""
    types = vocabulary.entity_types
    match name:
        case ("principal" | "twin",):
            # Of two principals in one question, each is of its own world.
            return EntityOf(environment.principal) if name == who else None
        case ("resource",):
            return EntityOf(environment.resource)
        case ("context", *path):
            return _within(vocabulary.actions[environment.action].context, path)
        case ("attr", type_, *path) if type_ in types:
            return _within(RecordOf(types[type_].fields), path)
        case ("tag", type_, *path) if type_ in types:
            tags = types[type_].tags
            return None if tags is None else _within(tags, path)
        case _:
            return None


def _within(type_: CedarType, path: Iterable[str]) -> CedarType | None:
    for name in path:
        field = type_.fields.get(name) if isinstance(type_, RecordOf) else None
        if field is None:
            return None
        type_ = field.type
    return type_
