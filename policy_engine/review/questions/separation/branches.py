"""A condition that is one of several: each is looked at by itself, as if it were a permit of its own.

`when { tagged || (principal is User && admin) }` treats some twins differently, and yet lets in a tagged
machine just like a tagged person: the second half must not hide what the first one does.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Final

from policy_engine.review.questions.separation.cases import Pair
from policy_engine.review.symbolic import Operator, Sort, Term, conjunction

__all__ = ["branches_of"]

_MOST: Final = 64
"""As many pairs of halves are compared at most; a permit that has more is looked at as a whole."""


def branches_of(pair: Pair) -> tuple[Pair, ...]:
    """A way to let in people beside a way to let in machines, each with each.

    Nothing, if there is one way each, or too many.
    """
    people, machines = (tuple(islice(_ways(formula), _MOST + 1)) for formula in (pair.person, pair.machine))
    if not 1 < len(people) * len(machines) <= _MOST:
        return ()
    return tuple(
        replace(pair, person=person, machine=machine) for machine, person in product(machines, people)
    )


def _ways(formula: Term) -> Iterator[Term]:
    """The parts of which one is enough; together they say what the formula says."""
    either = _either(formula)
    if either:
        for part in either:
            yield from _ways(part)
        return
    all_of = _all_of(formula)
    split = next((part for part in all_of if _either(part)), None)
    if split is None:
        yield formula
        return
    rest = [part for part in all_of if part is not split]
    for part in _either(split):
        yield from _ways(conjunction(part, *rest))


def _either(formula: Term) -> tuple[Term, ...]:
    """The parts of which one is enough, however that is written; nothing if there are none."""
    match formula.operator:
        case Operator.OR:
            return formula.arguments
        case Operator.NOT if formula.arguments[0].operator is Operator.AND:
            return tuple(~part for part in formula.arguments[0].arguments)
        case Operator.IF if formula.sort is Sort.BOOL:
            condition, then, otherwise = formula.arguments
            return conjunction(condition, then), conjunction(~condition, otherwise)
        case _:
            return ()


def _all_of(formula: Term) -> tuple[Term, ...]:
    """The parts that are needed all."""
    match formula.operator:
        case Operator.AND:
            return formula.arguments
        case Operator.NOT if formula.arguments[0].operator is Operator.OR:
            return tuple(~part for part in formula.arguments[0].arguments)
        case _:
            return ()
