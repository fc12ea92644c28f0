"""Attributes, tags, types and membership."""

from policy_engine.cedar import Entity, GetAttribute, HasAttribute, IsType, Like, SetOf
from policy_engine.evaluator import EntityOf
from policy_engine.review.symbolic.encoding.results import (
    ERROR,
    UNENCODED,
    Result,
    errors,
    strict,
    truth,
)
from policy_engine.review.symbolic.simplify import (
    constant,
    disjunction,
    equal,
    intersects,
    like,
    make_set,
    member,
)
from policy_engine.review.symbolic.terms import FALSE, TRUE, Operator, Term
from policy_engine.review.symbolic.values import (
    UNSEEN,
    EntityValue,
    Field,
    Opaque,
    RecordValue,
    Scalar,
    SetValue,
    Symbolic,
    lift,
)
from policy_engine.review.symbolic.world import World

__all__ = ["get_attribute", "get_tag", "has_attribute", "has_tag", "is_in", "is_like", "is_type", "within"]

_ABSENT = Field(FALSE, UNSEEN)


def get_attribute(world: World, node: GetAttribute, target: Result) -> Result:
    """`target.name`: an error where the entity or the attribute isn't there."""
    field = _field(world, target, node.name)
    if isinstance(field, Result):
        return field
    return _value(target.errs, field)


def has_attribute(world: World, node: HasAttribute, target: Result) -> Result:
    """`target has name`: false where the entity isn't there."""
    field = _field(world, target, node.name)
    if isinstance(field, Result):
        return field
    return truth(field.there, target.errs)


def _field(world: World, target: Result, name: str) -> Field | Result:
    settled = strict(target)
    if settled is not None:
        return settled
    match target.value:
        case RecordValue(fields):
            return fields.get(name, _ABSENT)
        case EntityValue(type_, which):
            return world.attribute(type_, which, name)
        case _:
            return ERROR


def _value(errs: Term, field: Field) -> Result:
    erring = disjunction(errs, ~field.there)
    return ERROR if erring is TRUE else Result(erring, field.value)


def get_tag(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left.getTag(right)`: an error where the entity or the tag isn't there."""
    match left, right:
        case EntityValue(type_, which), Scalar("String", name):
            return _value(FALSE, world.tag(type_, which, name))
        case _:
            return ERROR


def has_tag(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left.hasTag(right)`: false where the entity isn't there."""
    match left, right:
        case EntityValue(type_, which), Scalar("String", name):
            return truth(world.tag(type_, which, name).there)
        case _:
            return ERROR


def is_like(_world: World, node: Like, target: Result) -> Result:
    """`target like "a*"`."""
    settled = strict(target)
    if settled is not None:
        return settled
    match target.value:
        case Scalar("String", text):
            return truth(like(text, node.pattern), target.errs)
        case _:
            return ERROR


def is_type(world: World, node: IsType, target: Result, ancestor: Result | None = None) -> Result:
    """`target is T`, and `target is T in a`, which looks at `a` only where the type is right."""
    settled = strict(target)
    if settled is not None:
        return settled
    if not isinstance(target.value, EntityValue):
        return ERROR
    if target.value.type != node.type:
        return truth(FALSE, target.errs)
    if ancestor is None:
        return truth(TRUE, target.errs)
    settled = strict(ancestor)
    if settled is not None:
        return settled
    if ancestor.value is None:
        return ERROR
    found = is_in(world, target.value, ancestor.value)
    return found if found.value is None else Result(errors(target, ancestor, found), found.value)


def is_in(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left in right`: of one entity, or of a set of them."""
    if not isinstance(left, EntityValue):
        return ERROR
    match right:
        case EntityValue():
            return _truth(within(world, left, right))
        case SetValue(None):
            return truth(FALSE)
        case SetValue(EntityOf(type_), items):
            return _truth(_in_any(world, left, type_, items))
        case SetValue():
            # Cedar looks at the elements; where there are none, nothing is wrong.
            empty = equal(right.term, make_set(right.term.sort))
            return ERROR if empty is FALSE else Result(~empty, Scalar("Bool", FALSE))
        case Opaque(SetOf(known)):
            if not all(isinstance(item, Entity) for item in known):
                return ERROR
            return _any_known(world, left, [lift(item, world.ids) for item in known])
        case _:
            return ERROR


def _truth(holds: Term | None) -> Result:
    return UNENCODED if holds is None else truth(holds)


def _any_known(world: World, left: EntityValue, items: list[Symbolic]) -> Result:
    parts = [within(world, left, item) for item in items if isinstance(item, EntityValue)]
    return _truth(None if None in parts else disjunction(*(part for part in parts if part is not None)))


def within(world: World, one: EntityValue, other: EntityValue) -> Term | None:
    """Whether an entity is another one or in it; None if the encoding doesn't follow that."""
    if one.type == "Action" == other.type:
        return _action_in(world, one, other)
    same = equal(one.term, other.term) if one.type == other.type else FALSE
    if same is TRUE or not world.may_be_in(one.type, other.type):
        return same
    above = world.ancestors(one.type, one.term, other.type)
    return disjunction(same, member(other.term, above))


def _in_any(world: World, one: EntityValue, type_: str, items: Term) -> Term | None:
    if items.operator is Operator.SET:
        parts = [within(world, one, EntityValue(type_, item)) for item in items.arguments]
        return None if None in parts else disjunction(*(part for part in parts if part is not None))
    if one.type == "Action" == type_:
        return None
    same = member(one.term, items) if one.type == type_ else FALSE
    if not world.may_be_in(one.type, type_):
        return same
    return disjunction(same, intersects(world.ancestors(one.type, one.term, type_), items))


def _action_in(world: World, one: EntityValue, other: EntityValue) -> Term | None:
    action, group = _text(world, one), _text(world, other)
    if action is None or group is None:
        return None
    return constant(group in world.groups_of(action))


def _text(world: World, entity: EntityValue) -> str | None:
    number = entity.term.value
    return world.ids.text(number) if isinstance(number, int) else None
