"""PS106: a forbid that tells the kind in a condition.

What it checks:
    The head of a forbid leaves the principal open, and the first thing that its first `when` asks is
    `principal is User` or `principal is Client`.
    (For a permit, PS001 says the same.)

Why it matters:
    Readers look for the kind in the head, and so do the engine and a proof: a policy whose head names the
    kind isn't looked at for anybody else.

Example:
    ```cedar
    @id("machines-do-not-delete")
    forbid (principal, action == Action::"github/delete_repository", resource)
    when { principal is Client && context.arguments.repo == "acme/app" };
    ```

Instead:
    `policy-engine review --fix` rewrites it.

    ```cedar
    @id("machines-do-not-delete")
    forbid (principal is Client, action == Action::"github/delete_repository", resource)
    when { context.arguments.repo == "acme/app" };
    ```
"""

from collections.abc import Iterator

from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.fixing import first_asked, kind_into_head
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["KIND_IN_CONDITION"]


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.policies:
        asked = None if policy.tree.effect == "permit" else first_asked(policy.tree)
        if asked is not None:
            yield Found(
                message=f"the kind is told by a condition, `principal is {asked.type}`",
                remedy=f"say it in the head: `principal is {asked.type}`",
                policy=policy,
                span=asked.span,
                fix=kind_into_head(scene, policy),
            )


KIND_IN_CONDITION = Check(code="PS106", page=__doc__ or "", severity=Severity.note, find=_find)
