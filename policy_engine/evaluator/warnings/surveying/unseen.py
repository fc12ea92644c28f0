"""Which arguments of pinned tools policies can't see, by the name that a policy would ask for."""

from collections.abc import Mapping
from functools import cached_property

from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.grouping import ActionIndex

__all__ = ["Unseen"]


class Unseen:
    """Tools, as bits, and reasons.

    Args:
        deployment: what is known of the tools.
        index: their actions.
    """

    def __init__(self, deployment: Deployment, index: ActionIndex) -> None:
        self._deployment = deployment
        self._index = index

    def reasons(self, argument: str, actions: int) -> dict[str, str]:
        """Those of these actions that have an argument that isn't seen, each with the reason, in order."""
        found = {}
        for action in self._index.names(self.of(argument) & actions):
            tool = self._deployment.tool(action)
            if tool is not None:  # pragma: no branch -- it is one of those that were found there
                found[action] = tool.unseen or tool.hidden[argument]
        return found

    def of(self, argument: str) -> int:
        """All tools of which an argument isn't seen."""
        wholly, partly = self._sets
        return wholly | partly.get(argument, 0)

    @cached_property
    def _sets(self) -> tuple[int, Mapping[str, int]]:
        wholly, partly = 0, dict[str, int]()
        for name, server in self._deployment.servers.items():
            for tool, facts in (server.tools or {}).items():
                bit = self._index.bit(f"{name}/{tool}")
                wholly |= bit if facts.unseen else 0
                for argument, reason in facts.hidden.items():
                    partly[argument] = partly.get(argument, 0) | (bit if reason else 0)
        return wholly, partly
