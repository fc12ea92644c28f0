"""The plainest request there is, tried before a solver is asked: nothing is said, nobody is in any group.

Many formulas are true of it: those of permits without conditions, above all. So what is wrong with them is
shown where no solver is installed, too.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from policy_engine.review.solving import Sat
from policy_engine.review.symbolic import Name, Operator, Point, Sort, Term, Truth, evaluate, leaves

__all__ = ["guessed"]

_PLAIN: Mapping[Sort, Truth] = MappingProxyType(
    {
        Sort.BOOL: False,
        Sort.INT: 0,
        Sort.STRING: "",
        Sort.INTS: frozenset(),
        Sort.STRINGS: frozenset(),
    }
)
_NAMED: Mapping[Name, Truth] = MappingProxyType(
    {
        ("principal",): -8,
        ("context", "actor"): -9,
        ("attr", "Client", "category"): "service",
    }
)
"""Ids of nobody in particular: those that have a text count from zero."""

_RESOURCE: Name = ("resource",)
_ANYTHING = -10
_MOST = 8


class _Nothing(Point):
    """No request: the values of all names are known."""

    def __init__(self) -> None:
        pass


def guessed(formula: Term) -> Sat | None:
    """A model of a formula, if the plainest request is one; None says nothing.

    Args:
        formula: what is true of the requests that are looked for, and of all that there can be.
    """
    every = tuple(leaves(formula))
    plain = {leaf: _NAMED.get(leaf.name or (), _PLAIN[leaf.sort]) for leaf in every}
    resource = next((leaf for leaf in every if leaf.name == _RESOURCE), None)
    for number in (_ANYTHING,) if resource is None else _numbers(formula):
        values = plain if resource is None else {**plain, resource: number}
        try:
            true = evaluate(formula, _Nothing(), dict(values))
        except (LookupError, TypeError, ValueError, ArithmeticError):
            return None
        if true is True:
            return Sat(MappingProxyType(values))
    return None


def _numbers(formula: Term) -> Iterator[int]:
    """Ids that the resource may have: none in particular, or one that is named."""
    yield _ANYTHING
    found: dict[int, None] = {}
    seen: set[Term] = set()
    rest = [formula]
    while rest and len(found) < _MOST:
        item = rest.pop()
        if item in seen:
            continue
        seen.add(item)
        rest += item.arguments
        if item.operator is Operator.CONSTANT and item.sort is Sort.INT and isinstance(item.value, int):
            found[item.value] = None
    yield from found
