"""Which actions a policy is about, for people and for machines, as far as types and names tell."""

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from policy_engine.cedar import ScopeClause
from policy_engine.evaluator import StaticEntities, Survey, SurveyedPolicy
from policy_engine.model import EntityUid

__all__ = ["Kind", "Reach", "is_tool"]

Kind = Literal["User", "Client"]

_HARMLESS = frozenset(
    {"list_tools", "list_prompts", "list_resources", "list_resource_templates"},
)


def is_tool(action: str) -> bool:
    """Whether an action is the call of a tool: names of other actions have no slash."""
    return "/" in action


class Reach:
    """What policies reach, found once for each.

    Args:
        survey: all policies.
        static: what is in which group of tools.
    """

    def __init__(self, survey: Survey, static: StaticEntities) -> None:
        self._survey = survey
        self._static = static
        self._found: dict[tuple[str, Kind], frozenset[str]] = {}

    def of(self, policy: SurveyedPolicy, kind: Kind) -> frozenset[str]:
        """The actions that a policy may apply to, where principals of this kind ask."""
        key = (policy.policy.id, kind)
        if key not in self._found:
            self._found[key] = frozenset(self._actions(policy, kind))
        return self._found[key]

    def useful(self, policy: SurveyedPolicy, kind: Kind) -> frozenset[str]:
        """The same without what shows nothing but that something is there: sessions and lists."""
        return self.of(policy, kind) - self.harmless

    def left_to_machines(self, policy: SurveyedPolicy) -> frozenset[str]:
        """The actions that a permit may open to machines, less those that a forbid always closes to them."""
        closed = (
            self.of(forbid, "Client")
            for forbid in self._closing
            if forbid.tree.principal in (_ANYBODY, _ANY_MACHINE, policy.tree.principal)
        )
        return self.useful(policy, "Client").difference(*closed)

    @cached_property
    def harmless(self) -> frozenset[str]:
        """Actions that nothing happens by."""
        actions = self._survey.vocabulary.actions
        return _HARMLESS | {name for name, row in actions.items() if "session" in row.groups}

    def within(self, actions: Iterable[str], group: str) -> list[str]:
        """Those of some actions that are in a group."""
        known = self._survey.vocabulary.actions
        return sorted(name for name in actions if group in known[name].groups)

    def changing(self, actions: Iterable[str]) -> list[str]:
        """Those of some actions that call a pinned tool which isn't reviewed to be read-only."""
        tools = {name for name in actions if is_tool(name) and not name.endswith("/?")}
        return sorted(tools.difference(self.within(tools, "read_only")))

    def admits(self, clause: ScopeClause, action: str) -> bool:
        """Whether what a head says of the resource goes with a tool's action."""
        if not is_tool(action) or not clause.entities:
            return True
        wanted, tools = clause.entities[0].uid, self._tools(action)
        if clause.operator == "==":
            return wanted in tools or (action.endswith("/?") and wanted.id.startswith(action[:-1]))
        server = EntityUid("Server", action.partition("/")[0])
        return any(wanted in (tool, server) or wanted in self._static.above(tool) for tool in tools) or (
            wanted == server
        )

    def _tools(self, action: str) -> list[EntityUid]:
        """The tool that an action calls; of unpinned ones, those that somebody spoke of."""
        if not action.endswith("/?"):
            return [EntityUid("Tool", action)]
        return [uid for uid in self._static.uids if uid.type == "Tool" and uid.id.startswith(action[:-1])]

    def _actions(self, policy: SurveyedPolicy, kind: Kind) -> Iterable[str]:
        environments = [one for one in policy.environments if one.principal == kind]
        reachable = {one.environment.action: one.reachable for one in policy.inferring(environments)}
        # What couldn't be looked at may be reached.
        names = (one.action for one in environments if reachable.get(one.action, True))
        actions = self._survey.validator.grouping.index.names(policy.alike.expanded(names))
        return (name for name in actions if self.admits(policy.tree.resource, name))

    @cached_property
    def _closing(self) -> list[SurveyedPolicy]:
        return [
            one
            for one in self._survey.every
            if one.tree.effect == "forbid" and not one.tree.conditions and not one.policy.shadow
        ]


_ANYBODY = ScopeClause(variable="principal")
_ANY_MACHINE = ScopeClause(variable="principal", operator="is", type="Client")
