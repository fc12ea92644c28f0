"""Cells, each from the policies whose heads admit both who asks and what is asked for."""

from collections.abc import Callable, Hashable, Sequence
from typing import Final

from policy_engine.cedar import PartialRequest, ScopeClause
from policy_engine.review.access.columns import Asked
from policy_engine.review.access.heads import ByClause, Heads, admits, bits, members
from policy_engine.review.access.knowledge import Knowledge
from policy_engine.review.access.rows import Asker
from policy_engine.review.access.values import Cell, Reach
from policy_engine.review.access.weighing import Policy, Requests, Weighed, clause_text, weigh

__all__ = ["Matrix"]

_NOTHING: Final = Cell(reach=Reach.never)


class Matrix:
    """Finds cells; whatever can't make a difference to a policy is looked at once for all.

    Args:
        policies: those that decide.
        knowledge: what is known of entities.
        askers: the rows; there is at least one.
        things: the columns; there is at least one.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        knowledge: Knowledge,
        askers: Sequence[Asker],
        things: Sequence[Asked],
    ) -> None:
        self._policies = policies
        self._permits = bits(number for number, policy in enumerate(policies) if policy.permit)
        self._askers, self._things = askers, things
        self._requests = Requests(knowledge)
        self._rows = self._admitting_rows()
        self._columns = self._admitting_columns()
        self._weighed: dict[Hashable, Weighed] = {}
        self._numbers: dict[Cell, int] = {}
        self._known: dict[Hashable, int] = {}

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All that were found, each once."""
        return tuple(self._numbers)

    def cell(self, row: int, column: int) -> int:
        """The number of what is known of somebody and something."""
        heads = self._rows[row] & self._columns[column]
        permits = [self._weigh(number, heads, row, column) for number in members(heads.some & self._permits)]
        permits = [weighed for weighed in permits if weighed.may_apply]
        forbids = []
        if permits:
            stopping = members(heads.some & ~self._permits)
            forbids = [self._weigh(number, heads, row, column) for number in stopping]
            forbids = [weighed for weighed in forbids if weighed.may_stop]
        # Few pairs of lists are ever made: the cell of one is found by the objects that it is made of.
        key = (*map(id, permits), 0, *map(id, forbids))
        if key not in self._known:
            self._known[key] = self._numbers.setdefault(_cell(permits, forbids), len(self._numbers))
        return self._known[key]

    def _weigh(self, number: int, heads: Heads, row: int, column: int) -> Weighed:
        policy, asker, asked = self._policies[number], self._askers[row], self._things[column]
        sure = heads.all >> number & 1
        key = (
            number,
            None if sure else (self._rows[row].all >> number & 1, self._columns[column].all >> number & 1),
            row if policy.asks_who else (policy.asks_actor and asker.actor),
            column if policy.asks_what else None,
            asked.shape if policy.asks_how else None,
        )
        found = self._weighed.get(key)
        if found is None:
            undecided = () if sure else self._undecided(policy, row, column)
            found = weigh(policy, self._requests.of(asker, asked), undecided)
            self._weighed[key] = found
        return found

    def _undecided(self, policy: Policy, row: int, column: int) -> tuple[str, ...]:
        """What of a head isn't certain."""
        tree, asked = policy.tree, self._things[column]
        request = self._requests.of(self._askers[row], asked)
        clauses = (tree.principal, tree.action, tree.resource)
        return tuple(clause_text(clause) for clause in clauses if admits(clause, request, asked) is None)

    def _admitting_rows(self) -> list[Heads]:
        heads = ByClause(policy.tree.principal for policy in self._policies)
        asked = self._things[0]
        return [heads.admitting(_holds(self._requests.of(asker, asked), asked)) for asker in self._askers]

    def _admitting_columns(self) -> list[Heads]:
        actions = ByClause(policy.tree.action for policy in self._policies)
        resources = ByClause(policy.tree.resource for policy in self._policies)
        found = []
        for asked in self._things:
            holds = _holds(self._requests.of(self._askers[0], asked), asked)
            found.append(actions.admitting(holds) & resources.admitting(holds))
        return found


def _holds(request: PartialRequest, asked: Asked) -> Callable[[ScopeClause], bool | None]:
    return lambda clause: admits(clause, request, asked)


def _cell(permits: Sequence[Weighed], forbids: Sequence[Weighed]) -> Cell:
    """What some policies come to together."""
    if not permits:
        return _NOTHING
    stopping = [weighed for weighed in forbids if weighed.stops]
    if stopping:
        reach, shown = Reach.never, stopping
    elif not forbids and any(weighed.always for weighed in permits):
        reach, shown = Reach.always, []
    else:
        reach, shown = Reach.may, [*forbids]
    return Cell(
        reach=reach,
        permits=tuple(weighed.applied for weighed in permits),
        forbids=tuple(weighed.applied for weighed in shown),
    )
