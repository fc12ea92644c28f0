"""What a deployment has that anybody can ask for: pairs of an action and a resource."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policy_engine.cedar import ScopeClause
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Target", "TargetSet"]


@dataclass(frozen=True, slots=True)
class Target:
    """An action on a resource.

    Attributes:
        action: the action.
        groups: the action itself, and all groups that it is in.
        resource: the resource; an id that ends with `/` is any of the server's.
        above: what the resource is in.
    """

    action: EntityUid
    groups: frozenset[EntityUid]
    resource: EntityUid
    above: frozenset[EntityUid]


class TargetSet:
    """All targets of a deployment.

    Args:
        actions: of Cedar's JSON schema format, by id.
        servers: names of the servers, each with whether tools may be called that aren't pinned.
        parents: what the operator says that tools and other resources are in, too.
    """

    def __init__(
        self,
        actions: Mapping[str, CedarJson],
        servers: Mapping[str, bool],
        parents: Mapping[EntityUid, frozenset[EntityUid]],
    ) -> None:
        self._targets = tuple(_targets(actions, servers, parents))
        self._grouped = frozenset((uid.type, group) for uid, groups in parents.items() for group in groups)
        self._uids = {target: number for number, target in enumerate(self._targets)}

    def admitted(self, action: ScopeClause, resource: ScopeClause) -> frozenset[object]:
        """The targets that two clauses of a head admit; some with what else the resource has to be."""
        actions = frozenset(literal.uid for literal in action.entities)
        return frozenset(
            (number, left) if left else number
            for target, number in self._uids.items()
            if (action.operator == "all" or _is_action(action, actions, target))
            for left in _left(resource, target, self._grouped)
        )


def _is_action(clause: ScopeClause, wanted: frozenset[EntityUid], target: Target) -> bool:
    return target.action in wanted if clause.operator == "==" else not wanted.isdisjoint(target.groups)


def _left(clause: ScopeClause, target: Target, grouped: frozenset[tuple[str, EntityUid]]) -> Iterator[str]:
    """Nothing but "" if the clause holds, nothing at all if it doesn't, and otherwise what it still asks."""
    uid, above = target.resource, target.above
    if clause.type is not None and clause.type != uid.type:
        return
    if clause.operator in ("all", "is"):
        yield ""
        return
    for wanted in (literal.uid for literal in clause.entities):
        if clause.operator != "==" and wanted in above:
            yield ""
        elif not uid.id.endswith("/"):
            if wanted == uid:
                yield ""
        elif wanted.type == uid.type and wanted.id.startswith(uid.id):
            yield str(wanted)
        elif (uid.type, wanted) in grouped:
            yield f"in {wanted}"


def _targets(
    actions: Mapping[str, CedarJson],
    servers: Mapping[str, bool],
    parents: Mapping[EntityUid, frozenset[EntityUid]],
) -> Iterator[Target]:
    for name, row in actions.items():
        kinds = (row.get("appliesTo") or {}).get("resourceTypes") or ()
        own = EntityUid("Action", name)
        groups = frozenset(EntityUid("Action", each) for each in _closure(name, actions))
        for resource in _resources(name, kinds, servers):
            above = frozenset({EntityUid("Server", resource.id.partition("/")[0])})
            yield Target(own, groups, resource, above | parents.get(resource, frozenset()))


def _resources(action: str, kinds: Iterable[str], servers: Mapping[str, bool]) -> Iterator[EntityUid]:
    server, slash, tool = action.partition("/")
    if not slash:
        yield from (
            EntityUid(kind, each if kind == "Server" else f"{each}/") for kind in kinds for each in servers
        )
    elif tool != "?":
        yield from (EntityUid(kind, action) for kind in kinds)
    elif servers.get(server):
        yield from (EntityUid(kind, f"{server}/") for kind in kinds)


def _closure(name: str, actions: Mapping[str, CedarJson]) -> Iterable[str]:
    found: dict[str, None] = {}
    rest = [name]
    while rest:
        each = rest.pop()
        if each not in found:
            found[each] = None
            rest += [group["id"] for group in actions[each].get("memberOf") or ()]
    return found
