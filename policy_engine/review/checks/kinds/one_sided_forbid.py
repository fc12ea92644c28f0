"""PS101: a forbid for people alone, where a machine is permitted the same.

What it checks:
    A forbid whose head says `principal is User`, and that has a condition, closes an action that a permit
    opens to machines, and no forbid at all stands between machines and that action.
    Shadow policies are left out, since they never decide.

Why it matters:
    What people may do only in certain circumstances is mostly what nobody should do in others.
    A machine, which never gets tired of trying, isn't bound by them.

Example:
    ```cedar
    @id("ci-deletes")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/delete_repository", resource)
    when { context.token.scopes.contains("admin") };

    @id("only-admins-delete")
    forbid (principal is User, action == Action::"github/delete_repository", resource)
    unless { principal in Group::"corp/admins" };
    ```

Instead:
    Leave the principal open, or write for machines what is to bind them.

    ```cedar
    @id("ci-deletes")
    permit (principal == Client::"machines/ci-bot", action == Action::"github/delete_repository", resource)
    when { context.token.scopes.contains("admin") };

    @id("only-admins-delete")
    forbid (principal is User, action == Action::"github/delete_repository", resource)
    unless { principal in Group::"corp/admins" };

    @id("ci-deletes-scratch-alone")
    forbid (principal is Client, action == Action::"github/delete_repository", resource)
    unless { context.arguments.repo == "acme/scratch" };
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import listed
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["ONE_SIDED_FORBID"]

_REMEDY = "leave the principal open, or write a forbid for machines, too"


def _find(scene: Scene) -> Iterator[Found]:
    forbids = [
        one
        for one in scene.policies
        if one.tree.effect == "forbid"
        and (one.tree.principal.operator, one.tree.principal.type) == ("is", "User")
        and one.tree.conditions
        and not one.policy.shadow
    ]
    if not forbids:
        return
    permits = [one for one in scene.deciding if one.tree.effect == "permit"]
    bound = [scene.reach.of(one, "Client") for one in scene.deciding if one.tree.effect == "forbid"]
    opened = {one.policy.id: scene.reach.useful(one, "Client").difference(*bound) for one in permits}
    for forbid in forbids:
        closed = scene.reach.useful(forbid, "User")
        by = {name: actions & closed for name, actions in opened.items() if actions & closed}
        if by:
            what = listed(f"`{action}`" for action in sorted(frozenset().union(*by.values())))
            whose = listed(f"`{name}`" for name in sorted(by))
            message = f"people are kept from {what} here, and machines may by {whose}"
            yield Found(message=message, remedy=_REMEDY, policy=forbid, span=forbid.tree.principal.span)


ONE_SIDED_FORBID = Check(code="PS101", page=__doc__ or "", severity=Severity.warning, find=_find)
