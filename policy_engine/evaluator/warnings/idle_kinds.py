"""PS006: `@kinds("both")` where it means nothing.

What it checks:
    The annotation stands on a forbid, or on a permit whose head says who the principal is.

Why it matters:
    It says that a permit is meant for people and for machines.
    On a policy that isn't for both, a reader learns something that isn't so.

Example:
    ```cedar
    @id("people-read") @kinds("both")
    permit (principal is User, action in Action::"read_only", resource);
    ```

Instead:
    Remove it; or leave the principal open, if both are meant.
"""

from collections.abc import Iterator

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["IDLE_KINDS"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        tree = subject.tree
        if "kinds" not in tree.annotations or (tree.effect == "permit" and tree.principal.operator == "all"):
            continue
        message = '`@kinds("both")` means nothing on a forbid'
        if tree.effect == "permit":
            message = '`@kinds("both")` means nothing where the head says who the principal is'
        yield subject.warning("PS006", tree.annotation_spans.get("kinds"), message, "remove it")


IDLE_KINDS = Check(code="PS006", page=__doc__ or "", find=_find)
