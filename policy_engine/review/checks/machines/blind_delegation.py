"""PS114: a permit for agents that doesn't look at who acts.

What it checks:
    A permit is `@delegable`, applies to people, opens more than sessions and lists, and none of its
    conditions looks at `context.actor`.

Why it matters:
    Whatever application is listed with `acts_for_users` today or tomorrow does this in people's names.

Example:
    ```cedar
    @id("people-open-issues") @delegable
    permit (principal is User, action == Action::"github/create_issue", resource);
    ```

Instead:
    Two permits: one for people, one for the agent that is meant.

    ```cedar
    @id("people-open-issues")
    permit (principal is User, action == Action::"github/create_issue", resource);

    @id("the-agent-opens-issues") @delegable
    permit (principal is User, action == Action::"github/create_issue", resource)
    when { context has actor && context.actor == Client::"corp/desktop-agent" };
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import HasAttribute, Variable
from policy_engine.evaluator import listed, nodes
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import ACTOR, Scene
from policy_engine.review.verdict import Severity

__all__ = ["BLIND_DELEGATION"]

_ASKED = HasAttribute(Variable("context"), "actor")
_REMEDY = 'say which agent: `when { context has actor && context.actor == Client::"…" }`'


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        tree = policy.tree
        if "delegable" not in tree.annotations or any(node in (_ASKED, ACTOR) for node in nodes(tree)):
            continue
        opened = scene.reach.useful(policy, "User")
        if opened and not policy.policy.shadow:
            what = listed(f"`{name}`" for name in sorted(opened))
            message = f"any agent may do {what} for a person"
            span = tree.annotation_spans.get("delegable")
            yield Found(message=message, remedy=_REMEDY, policy=policy, span=span)


BLIND_DELEGATION = Check(code="PS114", page=__doc__ or "", severity=Severity.warning, find=_find)
