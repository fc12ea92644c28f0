"""PS104: an exception that only one kind can fall under.

What it checks:
    A permit is open to people and to machines, and one of its `unless` asks for what only one of them has,
    without asking for the kind.
    For all of the other kind the exception never holds, so the permit does.

Why it matters:
    Its author thought of one kind, and wrote a blank permit for the other.

Example:
    ```cedar
    @id("not-from-outside") @kinds("both")
    permit (principal, action in Action::"read_only", resource)
    unless { principal has email && principal.email like "*@partner.example" };
    ```

Instead:
    Write a permit for each kind, with the exceptions of that kind.

    ```cedar
    @id("people-not-from-outside")
    permit (principal is User, action in Action::"read_only", resource)
    unless { principal has email && principal.email like "*@partner.example" };

    @id("ci-reads")
    permit (principal in ClientGroup::"machines/ci", action in Action::"read_only", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.cedar import Condition, walk
from policy_engine.evaluator import Constant, SurveyedPolicy
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene, about_kind
from policy_engine.review.verdict import Severity

__all__ = ["UNLESS_OTHER_KIND"]

_WORDS = {"User": "people", "Client": "machines"}
_REMEDY = "write a permit for each kind, with its own exceptions"


def _find(scene: Scene) -> Iterator[Found]:
    for policy in scene.permits:
        if policy.tree.principal.operator != "all":
            continue
        for condition in policy.tree.conditions:
            if condition.kind == "when" or any(map(about_kind, walk(condition.body))):
                continue
            for kind in _never_excepted(policy, condition):
                message = f"the exception never holds for {_WORDS[kind]}, so all of them are permitted"
                yield Found(message=message, remedy=_REMEDY, policy=policy, span=condition.span)


def _never_excepted(policy: SurveyedPolicy, condition: Condition) -> list[str]:
    """The one kind for which the types say that it never holds; none if that is so for both."""
    possible: dict[str, bool] = {}
    for inferred in policy.inferred:
        kind = inferred.environment.principal
        never = inferred.types.get(id(condition.body)) == Constant(value=False)
        possible[kind] = possible.get(kind, False) or not never
    never_held = [kind for kind, held in possible.items() if not held]
    return never_held if len(never_held) == 1 and len(possible) > 1 else []


UNLESS_OTHER_KIND = Check(code="PS104", page=__doc__ or "", severity=Severity.warning, find=_find)
