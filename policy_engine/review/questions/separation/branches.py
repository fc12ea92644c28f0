"""A condition that is one of several: each is looked at by itself, as if it were a permit of its own.

`when { tagged || (principal is User && admin) }` treats some twins differently, and yet lets in a tagged
machine just like a tagged person: the second half must not hide what the first one does.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from policy_engine.review.questions.separation.cases import Pair
from policy_engine.review.symbolic import Operator, Term, conjunction

__all__ = ["branches_of"]

_MOST: Final = 64
"""As many pairs of halves are compared at most; a permit that has more is looked at as a whole."""


def branches_of(pair: Pair) -> tuple[Pair, ...]:
    """A way to let in people beside a way to let in machines, each with each.

    Nothing, if there is one way each, or too many.
    """
    people, machines = (tuple(_ways(formula)) for formula in (pair.person, pair.machine))
    if not 1 < len(people) * len(machines) <= _MOST:
        return ()
    return tuple(
        replace(pair, person=person, machine=machine) for machine, person in product(machines, people)
    )


def _ways(formula: Term) -> Iterator[Term]:
    """The parts of which one is enough; together they say what the formula says."""
    if formula.operator is Operator.OR:
        for part in formula.arguments:
            yield from _ways(part)
        return
    split = next((part for part in formula.arguments if part.operator is Operator.OR), None)
    if formula.operator is not Operator.AND or split is None:
        yield formula
        return
    rest = [part for part in formula.arguments if part is not split]
    for part in split.arguments:
        yield from _ways(conjunction(part, *rest))
