"""PS108: a machine that may change something with any token.

What it checks:
    A permit admits a listed machine with the grant `client_credentials` to a pinned tool that isn't
    `read_only`, and looks at no scope of the token.
    Where PS107 says that it has no condition at all, this says nothing.

Why it matters:
    A token that was issued for reading opens whatever its machine may do.
    With a condition on scopes, a token that leaks is worth what it was issued for.

Example:
    ```cedar
    @id("ci-opens-issues")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
    when { context.arguments.repo == "acme/app" };
    ```

Instead:
    ```cedar
    @id("ci-opens-issues")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/create_issue", resource)
    when { context.arguments.repo == "acme/app" && context.token.scopes.contains("issues:write") };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import SurveyedPolicy, listed, nodes
from policy_engine.model.claims import CLIENT_CREDENTIALS
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import SCOPES, Scene
from policy_engine.review.checks.machines.unconditional_destruction import destroys_unconditionally
from policy_engine.review.verdict import Severity

__all__ = ["WRITE_WITHOUT_SCOPE"]

_REMEDY = 'ask for one: `context.token.scopes.contains("…")`'


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        if policy.policy.shadow or SCOPES in nodes(policy.tree) or destroys_unconditionally(scene, policy):
            continue
        tools = scene.reach.changing(scene.reach.left_to_machines(policy))
        if tools and _has_scopes(scene, policy):
            what = listed(f"`{name}`" for name in tools)
            message = f"machines may call {what} with a token of any scope"
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=policy.tree.action.span)


def _has_scopes(scene: Scene, policy: SurveyedPolicy) -> bool:
    """Whether it is for a machine whose tokens are granted scopes: those of workloads aren't."""
    return any(
        CLIENT_CREDENTIALS in machine.grants and machine.may_be_meant(policy.tree.principal)
        for machine in scene.machines
    )


WRITE_WITHOUT_SCOPE = Check(code="PS108", page=__doc__ or "", severity=Severity.note, find=_find)
