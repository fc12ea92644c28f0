"""PS110: a machine that is let into every server.

What it checks:
    There are several servers, a permit admits machines to a group of actions that all of them have, and
    neither its head nor a condition asks for the resource or the action.
    An open action is PS109's.

Why it matters:
    `read_only` on one server is a list of issues, on another one a list of salaries; and a server that is
    added tomorrow is open on that day.

Example:
    ```cedar
    @id("ci-reads")
    permit (principal in ClientGroup::"machines/ci", action in Action::"read_only", resource);
    ```

Instead:
    ```cedar
    @id("ci-reads")
    permit (
      principal in ClientGroup::"machines/ci",
      action in Action::"read_only",
      resource in Server::"github"
    );
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Variable
from policy_engine.evaluator import SurveyedPolicy, nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, is_tool
from policy_engine.review.verdict import Severity

__all__ = ["EVERY_SERVER"]

_REMEDY = 'name the server: `resource in Server::"…"`'
_TOLD_BY = (Variable("action"), Variable("resource"))


def _find(scene: Scene) -> Iterator[Found]:
    servers = scene.subject.servers
    if len(servers) == 1:
        return
    for policy in scene.permits:
        tree = policy.tree
        told = tree.resource.entities or any(node in _TOLD_BY for node in nodes(tree))
        if not told and not policy.policy.shadow and _names_all(policy) and _several(scene, policy):
            message = f"machines are let into each of {len(servers)} servers"
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=tree.resource.span)


def _names_all(policy: SurveyedPolicy) -> bool:
    return any(not is_tool(literal.uid.id) for literal in policy.tree.action.entities)


def _several(scene: Scene, policy: SurveyedPolicy) -> bool:
    """Whether it opens tools of more than one server, or something else, which all servers may have."""
    opened = {
        name.partition("/")[0] if is_tool(name) else "" for name in scene.reach.left_to_machines(policy)
    }
    return "" in opened or len(opened) > 1


EVERY_SERVER = Check(code="PS110", page=__doc__ or "", severity=Severity.warning, find=_find)
