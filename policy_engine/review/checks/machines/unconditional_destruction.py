"""PS107: a machine that may destroy something at any time.

What it checks:
    A permit without conditions admits machines to a pinned tool that is in `Action::"destructive"`, and no
    forbid always closes it to them.
    Tools count as destructive unless the operator reviewed that they aren't.
    (What nobody pinned is PS007's.)

Why it matters:
    A machine does what its instructions, or a prompt, make it do, as often as it is told to.
    For what can't be undone there should be something that holds it back.

Example:
    ```cedar
    @id("ci-cleans-up")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/delete_repository", resource);
    ```

Instead:
    Say for what, and with which scope; or review the tool in the catalogue, if it does no harm.

    ```cedar
    @id("ci-cleans-up")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/delete_repository", resource)
    when { context.arguments.repo == "acme/scratch" && context.token.scopes.contains("admin") };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import SurveyedPolicy, listed
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["UNCONDITIONAL_DESTRUCTION", "destroys_unconditionally"]

_REMEDY = "say when: by its arguments and a scope; or review the tool, if it does no harm"


def destroys_unconditionally(scene: Scene, policy: SurveyedPolicy) -> list[str]:
    """The tools by which machines may destroy something whenever they ask."""
    if policy.policy.shadow or policy.tree.effect == "forbid" or policy.tree.conditions:
        return []
    pinned = (name for name in scene.reach.left_to_machines(policy) if not name.endswith("/?"))
    return scene.reach.within(pinned, "destructive")


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        tools = destroys_unconditionally(scene, policy)
        if tools:
            what = listed(f"`{name}`" for name in tools)
            message = f"machines may call {what} at any time, and may destroy something by it"
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=policy.tree.action.span)


UNCONDITIONAL_DESTRUCTION = Check(code="PS107", page=__doc__ or "", severity=Severity.warning, find=_find)
