"""PS001: a permit that is open to people and to machines.

What it checks:
    The head of a permit says nothing of the principal, and there is no `@kinds("both")`.
    A condition on the kind doesn't silence it: readers look for it in the head.

Why it matters:
    Most servers give machines tokens of the same shape as people's.
    `permit (principal, …)` lets a bot do whatever it lets a person do.

Example:
    ```cedar
    @id("issues")
    permit (principal, action == Action::"github/create_issue", resource);
    ```

Instead:
    Say whom it is meant for, or that it is meant for both.

    ```cedar
    @id("people-open-issues")
    permit (principal is User, action == Action::"github/create_issue", resource);

    @id("everyone-may-begin") @kinds("both")
    permit (principal, action in Action::"session", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["UNTYPED_PERMIT"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        tree = subject.tree
        if tree.effect == "permit" and tree.principal.operator == "all" and "kinds" not in tree.annotations:
            message = "the permit is open to people and to machines"
            remedy = 'write `principal is User` or `principal is Client`, or say so: `@kinds("both")`'
            yield subject.warning("PS001", tree.principal.span, message, remedy)


UNTYPED_PERMIT = Check(code="PS001", page=__doc__ or "", find=_find)
