"""PS105: one policy for people or for machines, each for reasons of their own.

What it checks:
    The head leaves the principal open, there is no `@kinds("both")`, and a condition is an `||` of which one
    side can hold for people alone, the other for machines alone.

Why it matters:
    Two policies share an id, a reason and a place in audit records, and whoever edits the one side edits the
    other kind's policy.

Example:
    ```cedar
    @id("delete")
    forbid (principal, action == Action::"github/delete_repository", resource)
    when { principal in Group::"corp/guests" || principal in ClientGroup::"machines/ci" };
    ```

Instead:
    ```cedar
    @id("guests-do-not-delete")
    forbid (principal in Group::"corp/guests", action == Action::"github/delete_repository", resource);

    @id("ci-does-not-delete")
    forbid (principal in ClientGroup::"machines/ci", action == Action::"github/delete_repository", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Binary, Expression
from policy_engine.evaluator import Constant, SurveyedPolicy, nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["EITHER_KIND"]

_MESSAGE = "one side of this can hold for people alone, the other for machines alone"
_REMEDY = "write two policies, one for each kind"


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.policies:
        if policy.tree.principal.operator != "all" or "kinds" in policy.tree.annotations:
            continue
        ors = [node for node in nodes(policy.tree) if isinstance(node, Binary) and node.operator == "||"]
        apart = next((node for node in ors if _is_apart(policy, node)), None)
        if apart is not None:
            yield Found(message=_MESSAGE, remedy=_REMEDY, policy=policy, span=apart.span)


def _is_apart(policy: SurveyedPolicy, node: Binary) -> bool:
    left, right = (_kinds(policy, side) for side in (node.left, node.right))
    return {frozenset(left), frozenset(right)} == {frozenset({"User"}), frozenset({"Client"})}


def _kinds(policy: SurveyedPolicy, node: Expression) -> set[str]:
    """For whom it can hold."""
    return {
        inferred.environment.principal
        for inferred in policy.inferred
        if inferred.types.get(id(node), Constant(value=False)) != Constant(value=False)
    }


EITHER_KIND = Check(code="PS105", page=__doc__ or "", severity=Severity.note, find=_find)
