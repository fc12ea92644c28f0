"""PS002: an action group without a member.

What it checks:
    An action group that a policy names, in its head or in a condition, holds no action yet.

Why it matters:
    The policy applies to nothing until a pinned tool is in that group.
    That is as it should be for a baseline that comes before the first tool; otherwise it is a mistake.

Example:
    ```cedar
    @id("people-read")
    permit (principal is User, action in Action::"read_only", resource);
    ```

    where no pinned tool has both `readOnlyHint` and `reviewed: true`.

Instead:
    Pin a tool that belongs there and review what it says of itself, or leave the warning for later.
"""

from collections.abc import Iterator

from policy_engine.evaluator.inference import entity_literals
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["EMPTY_GROUP"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        for literal in entity_literals(subject.tree):
            if literal.uid.type == "Action" and not survey.holds(literal.uid.id):
                message = f"`{literal.uid}` has no member"
                remedy = "it applies to nothing until a pinned tool is in that group"
                yield subject.warning("PS002", literal.span, message, remedy)


EMPTY_GROUP = Check(code="PS002", page=__doc__ or "", find=_find)
