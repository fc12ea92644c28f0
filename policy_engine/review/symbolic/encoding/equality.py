"""`==` of any two values; those of two types differ."""

from policy_engine.cedar import SetOf
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.simplify import conjunction, constant, disjunction, equal, make_set
from policy_engine.review.symbolic.terms import FALSE, Term
from policy_engine.review.symbolic.values import (
    UNSEEN,
    EntityValue,
    Field,
    Opaque,
    RecordValue,
    Scalar,
    SetValue,
    Symbolic,
    Unseen,
    lower,
)

__all__ = ["same"]


def same(one: Symbolic, other: Symbolic, ids: Ids) -> Term | None:
    """Whether two values are equal; None if the encoding doesn't follow that."""
    match one, other:
        case Scalar(), Scalar():
            return equal(one.term, other.term) if one.type == other.type else FALSE
        case EntityValue(), EntityValue():
            return equal(one.term, other.term) if one.type == other.type else FALSE
        case SetValue(), SetValue():
            return _sets(one, other)
        case RecordValue(), RecordValue():
            return _records(one, other, ids)
        case (Unseen(), _) | (_, Unseen()):
            return None
        case (Opaque(), _) | (_, Opaque()):
            return _opaque(one, other, ids)
        case _:
            return FALSE


def _sets(one: SetValue, other: SetValue) -> Term:
    if one.element == other.element:
        return equal(one.term, other.term)
    # Sets of two types are equal where both are empty.
    return conjunction(_empty(one), _empty(other))


def _empty(value: SetValue) -> Term:
    return equal(value.term, make_set(value.term.sort))


def _records(one: RecordValue, other: RecordValue, ids: Ids) -> Term | None:
    absent = Field(FALSE, UNSEEN)
    parts: list[Term] = []
    unseen = False
    for name in {**one.fields, **other.fields}:
        ours, theirs = one.fields.get(name, absent), other.fields.get(name, absent)
        parts.append(equal(ours.there, theirs.there))
        if ours.there is FALSE or theirs.there is FALSE:
            continue
        alike = same(ours.value, theirs.value, ids)
        if alike is None:
            unseen = True
        else:
            parts.append(disjunction(~ours.there, alike))
    found = conjunction(*parts)
    return None if unseen and found is not FALSE else found


def _opaque(one: Symbolic, other: Symbolic, ids: Ids) -> Term | None:
    known, also = lower(one, ids), lower(other, ids)
    if known is not None and also is not None:
        return constant(known == also)
    # A set that isn't known can't be told from one that has no terms; values of other types differ.
    return None if _is_set(one) and _is_set(other) else FALSE


def _is_set(value: Symbolic) -> bool:
    return isinstance(value, SetValue) or (isinstance(value, Opaque) and isinstance(value.value, SetOf))
