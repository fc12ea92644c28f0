"""PS111: an application of people, taken for somebody who asks.

What it checks:
    A policy compares the principal with a `Client` that is listed without a grant of machines.

Why it matters:
    Such an application has tokens of people only: who asks is the person, and the application is, at most,
    `context.actor`.
    So the policy never applies; if it is a forbid, nothing is closed.

Example:
    ```cedar
    @id("no-deletion-by-the-desktop-agent")
    forbid (
      principal == Client::"corp/desktop-agent",
      action == Action::"github/delete_repository",
      resource
    );
    ```

Instead:
    ```cedar
    @id("no-deletion-by-the-desktop-agent")
    forbid (principal is User, action == Action::"github/delete_repository", resource)
    when { context has actor && context.actor == Client::"corp/desktop-agent" };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Binary, EntityLiteral, PolicyTree, SetLiteral
from policy_engine.evaluator import nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import PRINCIPAL, Scene
from policy_engine.review.verdict import Severity

__all__ = ["NEVER_PRINCIPAL"]


def _find(scene: Scene) -> Iterator[Found]:
    applications = {machine.uid: machine for machine in scene.machines if not machine.asks}
    for policy in scene.policies:
        for literal in _compared(policy.tree):
            if literal.uid in applications:
                grants = ", ".join(f"`{grant}`" for grant in applications[literal.uid].grants)
                yield Found(
                    message=f"`{literal.uid}` never asks for itself: it is listed with {grants}",
                    remedy=f"people ask by it: `principal is User`, and `context.actor == {literal.uid}`",
                    policy=policy,
                    span=literal.span,
                )


def _compared(tree: PolicyTree) -> Iterator[EntityLiteral]:
    """Whom the principal is compared with."""
    yield from tree.principal.entities
    for node in nodes(tree):
        if isinstance(node, Binary) and node.operator in ("==", "!=", "in") and node.left == PRINCIPAL:
            parts = node.right.items if isinstance(node.right, SetLiteral) else (node.right,)
            yield from (part for part in parts if isinstance(part, EntityLiteral))


NEVER_PRINCIPAL = Check(code="PS111", page=__doc__ or "", severity=Severity.warning, find=_find)
