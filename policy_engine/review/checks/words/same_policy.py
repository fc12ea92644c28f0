"""PS120: a policy that says what another one says.

What it checks:
    Two policies have the same effect, the same head and the same conditions, and both or neither of them is
    `@delegable`, or in shadow mode.

Why it matters:
    Whoever changes the one, or takes it away, changes nothing.

Example:
    ```cedar
    @id("people-write")
    permit (principal is User, action in Action::"github/*", resource);

    @id("people-write-too")
    permit (principal is User, action in Action::"github/*", resource);
    ```

Instead:
    `policy-engine review --fix` removes the later one, where only its `@id` is another, it stands in a file,
    and no comment stands above it.

    ```cedar
    @id("people-write")
    permit (principal is User, action in Action::"github/*", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import PolicyTree
from policy_engine.evaluator import SurveyedPolicy
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.fixing import policy_removed
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["SAME_POLICY"]

Said = tuple[object, ...]


def _find(scene: Scene) -> Iterator[Found]:
    first: dict[Said, SurveyedPolicy] = {}
    for one in scene.survey.every:
        first.setdefault(_said(one.tree), one)
    for policy in scene.policies:
        other = first[_said(policy.tree)]
        if other.policy.id == policy.policy.id:
            continue
        alike = _without_id(other) == _without_id(policy)
        yield Found(
            message=f"it says what `{other.policy.id}` says",
            remedy="remove one of the two",
            policy=policy,
            span=policy.tree.effect_span,
            fix=policy_removed(scene, policy) if alike else None,
        )


def _said(tree: PolicyTree) -> Said:
    given = tree.annotations
    head = (tree.effect, tree.principal, tree.action, tree.resource)
    return (*head, tree.conditions, "delegable" in given, given.get("mode"))


def _without_id(policy: SurveyedPolicy) -> dict[str, str]:
    return {name: value for name, value in policy.tree.annotations.items() if name != "id"}


SAME_POLICY = Check(code="PS120", page=__doc__ or "", severity=Severity.warning, find=_find)
