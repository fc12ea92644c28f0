"""PS109: a machine that may do everything, also what doesn't exist yet.

What it checks:
    A permit admits machines, its head names no action and no single thing, and no condition asks for the
    action or the resource.

Why it matters:
    What the server comes to offer is permitted on the day that it is pinned, and methods that a later
    revision of the protocol brings are, too.

Example:
    ```cedar
    @id("ci") permit (principal == Client::"machines/ci-bot", action, resource)
    when { context.token.scopes.contains("admin") };
    ```

Instead:
    ```cedar
    @id("ci")
    permit (
      principal == Client::"machines/ci-bot",
      action in [Action::"github/list_issues", Action::"github/create_issue"],
      resource
    )
    when { context.token.scopes.contains("issues:write") };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Variable
from policy_engine.evaluator import nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["ANY_ACTION"]

_MESSAGE = "machines may do everything here, also what doesn't exist yet"
_REMEDY = "name the actions, or a group such as `read_only`"
_TOLD_BY = (Variable("action"), Variable("resource"))


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        tree = policy.tree
        named = tree.action.operator != "all" or tree.resource.operator == "=="
        if named or policy.policy.shadow or any(node in _TOLD_BY for node in nodes(tree)):
            continue
        if scene.reach.left_to_machines(policy):
            yield Found(message=_MESSAGE, remedy=_REMEDY, policy=policy, span=tree.action.span)


ANY_ACTION = Check(code="PS109", page=__doc__ or "", severity=Severity.warning, find=_find)
