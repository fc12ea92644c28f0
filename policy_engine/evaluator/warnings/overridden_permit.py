"""PS011: a permit that a forbid always overrides.

What it checks:
    A forbid without conditions covers everything that the head of a permit admits.
    Shadow policies are left out, since they never decide.

Why it matters:
    A forbid wins over every permit, however precise.
    So the permit opens nothing, and whoever wrote it is about to ask why.

Example:
    ```cedar
    @id("bot-cleans-up")
    permit (principal == Client::"machines/bot", action == Action::"github/delete_branch", resource);

    @id("machines-not-destructive")
    forbid (principal is Client, action in Action::"destructive", resource);
    ```

Instead:
    Write the exception where the forbid is, or review the tool if it isn't destructive.

    ```cedar
    @id("machines-not-destructive")
    forbid (principal is Client, action in Action::"destructive", resource)
    unless { principal == Client::"machines/bot" && action == Action::"github/delete_branch" };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Covering, Subject, Survey

__all__ = ["OVERRIDDEN_PERMIT"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    forbids = [one for one in survey.every if one.tree.effect == "forbid" and not one.tree.conditions]
    covering = Covering([one for one in forbids if _decides(one)], survey.validator.grouping.index)
    for permit in survey.subjects:
        if permit.tree.effect == "forbid" or not _decides(permit):
            continue
        forbid = covering.first(permit)
        if forbid is not None:
            message = f"the forbid `{forbid.policy.id}` always wins over it"
            remedy = f"write an `unless` into `{forbid.policy.id}`, or remove this permit"
            yield permit.warning("PS011", permit.tree.effect_span, message, remedy)


def _decides(subject: Subject) -> bool:
    return not subject.policy.shadow and bool(subject.environments)


OVERRIDDEN_PERMIT = Check(code="PS011", page=__doc__ or "", find=_find)
