"""PS127: every machine may change something.

What it checks:
    A permit whose head names no machine and no group of machines opens a pinned tool to them that isn't
    `read_only`, and no condition asks anything of the principal.

Why it matters:
    A machine that is listed, or registered, tomorrow may do it from that day on, whatever it is there for.

Example:
    ```cedar
    @id("machines-open-issues")
    permit (principal is Client, action == Action::"github/create_issue", resource)
    when { context.token.scopes.contains("issues:write") };
    ```

Instead:
    ```cedar
    @id("ci-opens-issues")
    permit (
      principal in ClientGroup::"machines/ci",
      action == Action::"github/create_issue",
      resource
    )
    when { context.token.scopes.contains("issues:write") };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import listed, nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import PRINCIPAL, Scene
from policy_engine.review.verdict import Severity

__all__ = ["EVERY_MACHINE"]

_REMEDY = 'name them, or a group: `principal in ClientGroup::"…"`'


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        clause = policy.tree.principal
        if clause.entities or policy.policy.shadow or PRINCIPAL in nodes(policy.tree):
            continue
        tools = scene.reach.changing(scene.reach.left_to_machines(policy))
        if tools:
            message = f"every machine, also tomorrow's, may call {listed(f'`{name}`' for name in tools)}"
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=clause.span)


EVERY_MACHINE = Check(code="PS127", page=__doc__ or "", severity=Severity.note, find=_find)
