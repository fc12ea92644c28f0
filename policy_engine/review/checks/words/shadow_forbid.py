"""PS128: a forbid that is only tried out, where something is permitted.

What it checks:
    A forbid has `@mode("shadow")`, and a permit that decides opens an action that the forbid is about, to the
    same kind of principal.

Why it matters:
    Whoever reads the policies takes the action for closed, and it is open.
    Trying a forbid out is right; forgetting it isn't.

Example:
    ```cedar
    @id("people-write")
    permit (principal is User, action in Action::"github/*", resource);

    @id("nobody-deletes") @mode("shadow")
    forbid (principal, action == Action::"github/delete_repository", resource);
    ```

Instead:
    Put it in force when you have seen what it would close; until then say in a comment how long that takes:
    `// policy-engine: allow PS128 -- …`.

    ```cedar
    @id("people-write")
    permit (principal is User, action in Action::"github/*", resource);

    @id("nobody-deletes")
    forbid (principal, action == Action::"github/delete_repository", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import listed
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Kind, Scene
from policy_engine.review.verdict import Severity

__all__ = ["SHADOW_FORBID"]

_KINDS: tuple[Kind, Kind] = ("User", "Client")
_REMEDY = "put it in force, or say in a comment until when it is tried out"


def _find(scene: Scene) -> Iterator[Found]:
    tried = [one for one in scene.policies if one.policy.shadow and one.tree.effect == "forbid"]
    if not tried:
        return
    permits = [one for one in scene.deciding if one.tree.effect == "permit"]
    opened = {kind: frozenset().union(*(scene.reach.of(one, kind) for one in permits)) for kind in _KINDS}
    for forbid in tried:
        actions = {name for kind in _KINDS for name in scene.reach.of(forbid, kind) & opened[kind]}
        if actions:
            what = listed(f"`{name}`" for name in sorted(actions))
            message = f"the forbid is only tried out, and {what} is permitted"
            span = forbid.tree.annotation_spans.get("mode")
            yield Found(message=message, remedy=_REMEDY, policy=forbid, span=span)


SHADOW_FORBID = Check(code="PS128", page=__doc__ or "", severity=Severity.note, find=_find)
