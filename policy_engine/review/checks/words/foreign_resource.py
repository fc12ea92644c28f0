"""PS119: an action on a resource that it is never about.

What it checks:
    The head names tools, or a group of them, and a server, a group of tools or a tool as the resource in
    which none of those tools is.

Why it matters:
    The call of a tool is about that tool, which is in its own server and in no other.
    So the head admits nothing: a permit opens nothing, and a forbid closes nothing.

Example:
    ```cedar
    @id("no-deletion")
    forbid (
      principal,
      action == Action::"github/delete_repository",
      resource in Server::"gitlab"
    );
    ```

Instead:
    ```cedar
    @id("no-deletion")
    forbid (
      principal,
      action == Action::"github/delete_repository",
      resource in Server::"github"
    );
    ```
"""

from collections.abc import Iterator

from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, is_tool
from policy_engine.review.verdict import Severity

__all__ = ["FOREIGN_RESOURCE"]

_REMEDY = "name actions and a resource that belong together, or leave the resource open"


def _find(scene: Scene) -> Iterator[Found]:
    index = scene.survey.validator.grouping.index
    for policy in scene.policies:
        clause = policy.tree.resource
        if not clause.entities:
            continue
        for literal in policy.tree.action.entities:
            actions = index.names(index.holding(literal.uid.id))
            if not actions or any(not is_tool(one) or scene.reach.admits(clause, one) for one in actions):
                continue
            message = f"`{literal.uid}` is never about anything in `{clause.entities[0].uid}`"
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=literal.span)


FOREIGN_RESOURCE = Check(code="PS119", page=__doc__ or "", severity=Severity.warning, find=_find)
