"""Which policy applies to all that another one admits; found without comparing each pair."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from policy_engine.cedar import EntityLiteral, ScopeClause
from policy_engine.evaluator.grouping import ActionIndex
from policy_engine.evaluator.warnings.surveying.survey import Subject
from policy_engine.model import EntityUid

__all__ = ["Covering"]


@dataclass(slots=True)
class _Row:
    """Policies that say the same of principal and resource, by their place, first ones only.

    Attributes:
        exact: by their actions.
        wide: those of several actions, in order.
    """

    exact: dict[int, int] = field(default_factory=dict)
    wide: list[tuple[int, int]] = field(default_factory=list)


class Covering:
    """Policies without conditions, by what their heads say.

    Args:
        policies: in order.
        index: their actions.
    """

    def __init__(self, policies: Sequence[Subject], index: ActionIndex) -> None:
        self._policies = policies
        self._index = index
        self._rows: dict[tuple[ScopeClause, ScopeClause], _Row] = {}
        self._of_server = cache(self._tools_of)
        for place, one in enumerate(policies):
            row = self._rows.setdefault((one.tree.principal, one.tree.resource), _Row())
            if row.exact.setdefault(one.actions, place) == place and one.actions.bit_count() > 1:
                row.wide.append((one.actions, place))

    def first(self, subject: Subject) -> Subject | None:
        """The first of them that applies to every request that the head of a policy admits."""
        found = min(self._places(subject), default=None)
        return None if found is None else self._policies[found]

    def _places(self, subject: Subject) -> Iterator[int]:
        resources = [*_as_wide(subject, subject.tree.resource), *self._servers(subject)]
        for principal in _as_wide(subject, subject.tree.principal):
            for resource in resources:
                row = self._rows.get((principal, resource))
                if row is not None:
                    yield from _covering(row, subject.actions)

    def _servers(self, subject: Subject) -> Iterator[ScopeClause]:
        # A tool is a resource of the server that its action names, and of no other.
        first = subject.actions & -subject.actions
        server, slash, _ = self._index.names(first)[0].partition("/")
        if slash and not subject.actions & ~self._of_server(server):
            literal = EntityLiteral(EntityUid("Server", server))
            yield ScopeClause(variable="resource", operator="in", entities=(literal,))

    def _tools_of(self, server: str) -> int:
        names: Iterable[str] = (name for name in self._index.ids if name.startswith(f"{server}/"))
        return sum(self._index.bit(name) for name in names)


def _as_wide(subject: Subject, clause: ScopeClause) -> Iterator[ScopeClause]:
    """What says as much of a principal or a resource, or less."""
    yield clause
    yield ScopeClause(variable=clause.variable)
    types = {getattr(environment, clause.variable) for environment in subject.environments}
    if len(types) == 1:
        yield ScopeClause(variable=clause.variable, operator="is", type=types.pop())


def _covering(row: _Row, actions: int) -> Iterator[int]:
    if actions in row.exact:
        yield row.exact[actions]
    yield from (place for wide, place in row.wide if not actions & ~wide)
