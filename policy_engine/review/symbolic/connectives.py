"""`and` and `or`: flat, without repetitions, and without what another part already settles.

An attribute that may be missing is an error where it is read, and `has` before it rules that out: the error
`not there` under the guard `there` is found to be impossible here, which is what keeps formulas small.

Both are one function, told which of the two it is: what holds of the one holds of the other with true and
false exchanged (De Morgan).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from policy_engine.review.symbolic.terms import FALSE, TRUE, Operator, Sort, Term, term

__all__ = ["conjunction", "disjunction"]

_NOT, _EQUAL, _CONSTANT = Operator.NOT, Operator.EQUAL, Operator.CONSTANT

Parts = dict[Term, None]
"""A set that keeps its order, so that formulas are the same in every run."""


def conjunction(*terms: Term) -> Term:
    """Whether all hold."""
    return _joined(_AND, terms)


def disjunction(*terms: Term) -> Term:
    """Whether any holds."""
    return _joined(_OR, terms)


@dataclass(frozen=True)
class _Connective:
    """One of the two.

    Attributes:
        operator: which.
        neutral: what may be left out.
        settling: what settles the whole.
    """

    operator: Operator
    neutral: Term
    settling: Term

    @cached_property
    def dual(self) -> "_Connective":
        """The other one."""
        return _OR if self is _AND else _AND


_AND = _Connective(Operator.AND, TRUE, FALSE)
_OR = _Connective(Operator.OR, FALSE, TRUE)


def _joined(how: _Connective, terms: Iterable[Term]) -> Term:
    neutral, settling = how.neutral, how.settling
    rest = [part for part in dict.fromkeys(terms) if part is not neutral]
    if settling in rest:
        return settling
    if len(rest) == 1:
        return rest[0]
    found = _flat(how, rest)
    if found is None:
        return settling
    parts, nested = found
    known = _values(parts) if how is _AND else {}
    if known is None:
        return settling
    if len(parts) > 1 and (nested or known):
        return _absorbed(how, parts, known)
    return _made(how, parts)


def _flat(how: _Connective, rest: list[Term]) -> tuple[Parts, bool] | None:
    """The parts, and whether any of them has alternatives; None if two contradict each other."""
    operator, other, neutral, settling = how.operator, how.dual.operator, how.neutral, how.settling
    parts: Parts = {}
    nested = False
    rest.reverse()
    while rest:
        part = rest.pop()
        if part is neutral or part in parts:
            continue
        if part is settling:
            return None
        inner = part.arguments[0] if part.operator is _NOT else None
        if part.operator is operator:
            rest.extend(reversed(part.arguments))
        elif inner is not None and inner.operator is other:
            # Not any of them: none of them.
            rest.extend(~item for item in reversed(inner.arguments))
        elif (inner if inner is not None else ~part) in parts:
            return None
        else:
            nested = nested or part.operator is other or (inner is not None and inner.operator is operator)
            parts[part] = None
    return parts, nested


def _values(parts: Iterable[Term]) -> dict[Term, Term] | None:
    """What must be equal to which constant; None if something must be two things at once."""
    known: dict[Term, Term] = {}
    for part in parts:
        if part.operator is _EQUAL and part.arguments[1].operator is _CONSTANT:
            one, value = part.arguments
            if known.setdefault(one, value) is not value:
                return None
    return known


def _made(how: _Connective, parts: Parts) -> Term:
    if not parts:
        return how.neutral
    return next(iter(parts)) if len(parts) == 1 else term(how.operator, Sort.BOOL, *parts)


def _absorbed(how: _Connective, parts: Parts, known: dict[Term, Term]) -> Term:
    """Leave out what the other parts say already, and alternatives that they rule out.

    A part is only ever measured by others that are within it, so no two can leave out each other.
    """
    kept: list[Term] = []
    changed = False
    for part in parts:
        items = _alternatives(how, part)
        if items is None:
            # That it isn't some constant goes without saying where it is another.
            settled = part.operator is _NOT and _is_other(part.arguments[0], known)
            left: Term | None = None if settled else part
        elif any(item in parts for item in items):
            left = None  # one of the alternatives holds anyway
        else:
            left = _narrowed(how, part, items, parts, known)
        changed = changed or left is not part
        if left is not None:
            kept.append(left)
    return _joined(how, kept) if changed else _made(how, parts)


def _narrowed(
    how: _Connective, part: Term, items: tuple[Term, ...], parts: Parts, known: dict[Term, Term]
) -> Term:
    left = [item for item in items if not _ruled_out(how, item, parts, known)]
    return part if len(left) == len(items) else _joined(how.dual, left)


def _alternatives(how: _Connective, part: Term) -> tuple[Term, ...] | None:
    if part.operator is how.dual.operator:
        return part.arguments
    if part.operator is _NOT and part.arguments[0].operator is how.operator:
        return tuple(~item for item in part.arguments[0].arguments)
    return None


def _is_other(item: Term, known: dict[Term, Term]) -> bool:
    """Whether it says that something is a constant, and it is known to be another."""
    if item.operator is not _EQUAL or item.arguments[1].operator is not _CONSTANT:
        return False
    return known.get(item.arguments[0], item.arguments[1]) is not item.arguments[1]


def _ruled_out(how: _Connective, item: Term, parts: Parts, known: dict[Term, Term]) -> bool:
    if item.operator is _NOT:
        inner = item.arguments[0]
        if inner in parts:
            return True
        return inner.operator is how.dual.operator and any(within in parts for within in inner.arguments)
    if ~item in parts or _is_other(item, known):
        return True
    return item.operator is how.operator and any(
        ~within in parts or _is_other(within, known) for within in item.arguments
    )
