"""Sets: written ones, and what is asked of them."""

from policy_engine.cedar import CedarValue, RecordLiteral, SetLiteral, SetOf
from policy_engine.evaluator import CedarType, EntityOf, Plain
from policy_engine.review.symbolic.encoding.results import ERROR, UNENCODED, Result, errors, of, strict, truth
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import constant, equal, intersects, make_set, member, subset
from policy_engine.review.symbolic.terms import FALSE, TRUE, Sort, Term
from policy_engine.review.symbolic.values import (
    EntityValue,
    Field,
    Opaque,
    RecordValue,
    Scalar,
    SetValue,
    Symbolic,
    Unseen,
    lower,
    set_sort,
)
from policy_engine.review.symbolic.world import World

__all__ = ["contains", "contains_all", "contains_any", "is_empty", "record_literal", "set_literal"]


def set_literal(world: World, _node: SetLiteral, *items: Result) -> Result:
    """`[a, b]`."""
    settled = strict(*items)
    if settled is not None:
        return settled
    values = [item.value for item in items if item.value is not None]
    return Result(errors(*items), _set_of(values, world.ids)) if values else of(_EMPTY)


_EMPTY = SetValue(None, make_set(Sort.INTS))


def _set_of(values: list[Symbolic], ids: Ids) -> Symbolic:
    types = {_element(value) for value in values}
    element = next(iter(types)) if len(types) == 1 else None
    sort = None if element is None else set_sort(element)
    if sort is not None:
        terms = (value.term for value in values if isinstance(value, Scalar | EntityValue))
        return SetValue(element, make_set(sort, *terms))
    known = [found for found in (lower(value, ids) for value in values) if found is not None]
    return Opaque(SetOf(frozenset(known))) if len(known) == len(values) else Unseen()


def record_literal(_world: World, node: RecordLiteral, *items: Result) -> Result:
    """`{a: 1}`."""
    certain = [item for item in items if item.value is None]
    if certain:
        return ERROR
    names = (name for name, _ in node.fields)
    fields = {
        name: Field(TRUE, item.value)
        for name, item in zip(names, items, strict=True)
        if item.value is not None
    }
    if any(isinstance(field.value, Unseen) for field in fields.values()):
        return UNENCODED
    return Result(errors(*items), RecordValue(fields))


def contains(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left.contains(right)`."""
    if isinstance(left, SetValue):
        element = _element(right)
        if element is not None and isinstance(right, Scalar | EntityValue):
            return truth(member(right.term, left.term) if element == left.element else FALSE)
        # A set or record is no element of a set of numbers, texts or entities.
        return truth(FALSE)
    if _is_set(left):
        known = _all_known(world, left, right)
        return UNENCODED if known is None else truth(constant(known[1] in _items(known[0])))
    return ERROR


def contains_all(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left.containsAll(right)`."""
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        same = left.element == right.element
        return truth(subset(right.term, left.term) if same else _empty(right))
    if _is_set(left) and _is_set(right):
        known = _all_known(world, left, right)
        return UNENCODED if known is None else truth(constant(_items(known[0]) >= _items(known[1])))
    return ERROR


def contains_any(world: World, left: Symbolic, right: Symbolic) -> Result:
    """`left.containsAny(right)`."""
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        return truth(intersects(left.term, right.term) if left.element == right.element else FALSE)
    if _is_set(left) and _is_set(right):
        known = _all_known(world, left, right)
        if known is None:
            return UNENCODED
        return truth(constant(not _items(known[0]).isdisjoint(_items(known[1]))))
    return ERROR


def is_empty(_world: World, operand: Symbolic) -> Result:
    """`operand.isEmpty()`."""
    if isinstance(operand, SetValue):
        return truth(_empty(operand))
    if isinstance(operand, Opaque) and isinstance(operand.value, SetOf):
        return truth(constant(not operand.value.items))
    return ERROR


def _empty(value: SetValue) -> Term:
    return equal(value.term, make_set(value.term.sort))


def _element(value: Symbolic) -> CedarType | None:
    match value:
        case Scalar(type_):
            return Plain(type_)
        case EntityValue(type_):
            return EntityOf(type_)
        case _:
            return None


def _is_set(value: Symbolic) -> bool:
    return isinstance(value, SetValue) or (isinstance(value, Opaque) and isinstance(value.value, SetOf))


def _all_known(world: World, left: Symbolic, right: Symbolic) -> tuple[CedarValue, CedarValue] | None:
    one, other = lower(left, world.ids), lower(right, world.ids)
    return None if one is None or other is None else (one, other)


def _items(value: CedarValue) -> frozenset[CedarValue]:
    return value.items if isinstance(value, SetOf) else frozenset()
