"""PS003: a policy that never applies.

What it checks:
    The types of the schema leave no request for which all conditions of a policy could hold.
    Cedar's validator tells; it knows types, not values, so what it doesn't tell may still never apply.

Why it matters:
    A permit that never applies is puzzling.
    A forbid that never applies is a hole: its author thinks that something is closed.

Example:
    ```cedar
    @id("no-contractors")
    forbid (principal is Client, action, resource)
    when { principal in Group::"corp/contractors" };
    ```

    A `Client` is never in a `Group`; and `when { context.arguments has forse && … }` never holds either.

Instead:
    Name what the principal can be in, or what the tool takes.

    ```cedar
    @id("no-contractors")
    forbid (principal is Client, action, resource)
    when { principal in ClientGroup::"machines/contractors" };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey, blamed

__all__ = ["UNREACHABLE"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        if not subject.reached:
            blame = blamed(subject, survey)
            message = f"the {subject.policy.effect} never applies: {blame.problem}"
            yield subject.warning("PS003", blame.span, message, blame.remedy)


UNREACHABLE = Check(code="PS003", page=__doc__ or "", find=_find)
