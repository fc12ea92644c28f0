"""A value that is one of two, whatever it is made of."""

from collections.abc import Iterable

from policy_engine.review.symbolic.simplify import choose, conjunction, disjunction, make_set
from policy_engine.review.symbolic.terms import FALSE, TRUE, Term
from policy_engine.review.symbolic.values import (
    UNSEEN,
    EntityValue,
    Field,
    Opaque,
    RecordValue,
    Scalar,
    SetValue,
    Symbolic,
)

__all__ = ["choose_among", "choose_field", "choose_value"]


def choose_value(condition: Term, then: Symbolic, otherwise: Symbolic) -> Symbolic:
    """The one where a condition holds, else the other; `UNSEEN` if the two are of different types."""
    if condition is TRUE:
        return then
    if condition is FALSE:
        return otherwise
    match then, otherwise:
        case Scalar(one), Scalar(other) if one == other:
            return Scalar(one, choose(condition, then.term, otherwise.term))
        case EntityValue(one), EntityValue(other) if one == other:
            return EntityValue(one, choose(condition, then.term, otherwise.term))
        case SetValue(), SetValue():
            return _set(condition, then, otherwise)
        case RecordValue(ours), RecordValue(theirs):
            absent = Field(FALSE, UNSEEN)
            return RecordValue(
                {
                    name: choose_field(condition, ours.get(name, absent), theirs.get(name, absent))
                    for name in {**ours, **theirs}
                }
            )
        case Opaque(), Opaque() if then.value == otherwise.value:
            return then
        case _:
            return UNSEEN


def choose_field(condition: Term, then: Field, otherwise: Field) -> Field:
    """The field of a record that is one of two; where it isn't there, its value is of no account."""
    there = choose(condition, then.there, otherwise.there)
    if then.there is FALSE:
        return Field(there, otherwise.value)
    if otherwise.there is FALSE:
        return Field(there, then.value)
    return Field(there, choose_value(condition, then.value, otherwise.value))


def choose_among(cases: Iterable[tuple[Term, Field]], otherwise: Field) -> Field:
    """The field of the one case that holds, of which at most one does; the other one where none holds.

    However many cases there are, formulas stay flat: cases of one value are one case.
    """
    every = [case for case in cases if case[0] is not FALSE]
    there = (conjunction(condition, field.there) for condition, field in every)
    unsure = (condition for condition, field in every if field.there is not TRUE)
    groups: dict[object, tuple[Symbolic, list[Term]]] = {}
    for condition, field in every:
        if field.there is not FALSE:
            _, conditions = groups.setdefault(_key(field.value), (field.value, []))
            conditions.append(condition)
    return Field(
        disjunction(*there, conjunction(~disjunction(*unsure), otherwise.there)),
        _value_among([*groups.values()], otherwise),
    )


def _key(value: Symbolic) -> object:
    """By what values are known to be the same; a record is only itself."""
    return id(value) if isinstance(value, RecordValue | Opaque) else value


def _value_among(groups: list[tuple[Symbolic, list[Term]]], otherwise: Field) -> Symbolic:
    if otherwise.there is not FALSE:
        found = otherwise.value
    elif groups:
        found = groups.pop()[0]  # whatever isn't there may be anything
    else:
        return UNSEEN
    for value, conditions in reversed(groups):
        found = choose_value(disjunction(*conditions), value, found)
    return found


def _set(condition: Term, then: SetValue, otherwise: SetValue) -> Symbolic:
    if then.element is None:
        then = SetValue(otherwise.element, make_set(otherwise.term.sort))
    if otherwise.element is None:
        otherwise = SetValue(then.element, make_set(then.term.sort))
    if then.element != otherwise.element:
        return UNSEEN
    return SetValue(then.element, choose(condition, then.term, otherwise.term))
