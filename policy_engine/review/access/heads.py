"""Which policies' heads admit somebody or something: a set of policies, as bits, for each line."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from policy_engine.cedar import PartialRequest, ScopeClause, fold_clause
from policy_engine.review.access.columns import Asked

__all__ = ["ByClause", "Heads", "admits", "bits", "members"]


@dataclass(frozen=True, slots=True)
class Heads:
    """The policies whose heads admit all or some of some requests.

    Attributes:
        some: those that admit some, or may.
        all: those that admit all.
    """

    some: int
    all: int

    def __and__(self, other: "Heads") -> "Heads":
        """Those that both parts of the head admit."""
        return Heads(self.some & other.some, self.all & other.all)


class ByClause:
    """The policies by what they say of one variable: many say the same.

    Args:
        clauses: what each says, in the order of the policies.
    """

    def __init__(self, clauses: Iterable[ScopeClause]) -> None:
        self._sets: dict[ScopeClause, int] = {}
        for number, clause in enumerate(clauses):
            self._sets[clause] = self._sets.get(clause, 0) | 1 << number

    def admitting(self, holds: Callable[[ScopeClause], bool | None]) -> Heads:
        """Those whose clause holds, or may."""
        some = every = 0
        for clause, policies in self._sets.items():
            known = holds(clause)
            some |= 0 if known is False else policies
            every |= policies if known else 0
        return Heads(some, every)


def admits(clause: ScopeClause, request: PartialRequest, asked: Asked) -> bool | None:
    """Whether a part of a head admits some requests; None where that depends.

    Of a thing of which it isn't known which it is, its server is; so what a head names of another isn't it.
    """
    known = fold_clause(clause, request).holds
    if known is None and clause.operator == "==" and clause.variable == "resource" and asked.resource is None:
        uid = clause.entities[0].uid
        return None if uid.id.startswith(f"{asked.server.id}/") else False
    return known


def bits(numbers: Iterable[int]) -> int:
    """A set of policies."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def members(policies: int) -> Iterator[int]:
    """The policies of a set, in their order."""
    while policies:
        lowest = policies & -policies
        yield lowest.bit_length() - 1
        policies ^= lowest
