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

from policy_engine.cedar import ScopeClause
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.survey import Subject, Survey

__all__ = ["OVERRIDDEN_PERMIT"]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    deciding = [subject for subject in survey.subjects if not subject.policy.shadow and subject.environments]
    forbids = [one for one in deciding if one.tree.effect == "forbid" and not one.tree.conditions]
    for permit in deciding:
        if permit.tree.effect == "forbid":
            continue
        forbid = next((one for one in forbids if _covers(one, permit)), None)
        if forbid is not None:
            message = f"the forbid `{forbid.policy.id}` always wins over it"
            remedy = f"write an `unless` into `{forbid.policy.id}`, or remove this permit"
            yield permit.warning("PS011", permit.tree.effect_span, message, remedy)


def _covers(forbid: Subject, permit: Subject) -> bool:
    """Whether every request that the head of the permit admits is one that the forbid applies to."""
    return (
        _holds(forbid.tree.principal, permit.tree.principal, {one.principal for one in permit.environments})
        and permit.actions <= forbid.actions
        and _on_resource(forbid, permit)
    )


def _holds(wide: ScopeClause, narrow: ScopeClause, types: set[str]) -> bool:
    if wide.operator == "all" or wide == narrow:
        return True
    return wide.operator == "is" and types == {wide.type}


def _on_resource(forbid: Subject, permit: Subject) -> bool:
    wide, narrow = forbid.tree.resource, permit.tree.resource
    if _holds(wide, narrow, {one.resource for one in permit.environments}):
        return True
    if wide.operator != "in" or wide.entities[0].uid.type != "Server":
        return False
    # A tool is a resource of the server that its action names, and of no other.
    server = wide.entities[0].uid.id
    return all(action.startswith(f"{server}/") for action in permit.actions)


OVERRIDDEN_PERMIT = Check(code="PS011", page=__doc__ or "", find=_find)
