"""PS122: a group of people that nobody is in.

What it checks:
    A policy names a `Group` or a `Role`, its issuer doesn't say which claim holds groups or roles
    (`claims.user.groups`, `claims.user.roles`), and no static entity puts anybody in it.
    (Groups of machines are PS010's.)

Why it matters:
    Groups come from configured claims and from nowhere else, whatever a token says.
    A permit for that group opens nothing; an `unless` with it excepts nobody.

Example:
    ```cedar
    @id("auditors-read")
    permit (principal in Role::"corp/auditor", action in Action::"read_only", resource);
    ```

    where `corp` has no `claims: {user: {roles: …}}`.

Instead:
    Say in which claim they are, or name a group that tokens bring.

    ```cedar
    @id("auditors-read")
    permit (principal in Group::"corp/auditors", action in Action::"read_only", resource);
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import entity_literals
from policy_engine.model import EntityUid
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["UNSUPPLIED_GROUP"]

_MEMBERS = {"Group": "groups", "Role": "roles"}


def _find(scene: Scene) -> Iterator[Found]:
    filled = _filled(scene)
    for policy in scene.policies:
        for literal in entity_literals(policy.tree):
            uid = literal.uid
            if uid.type not in _MEMBERS or uid in filled or _may_have(scene, uid):
                continue
            issuer, member = uid.id.partition("/")[0], _MEMBERS[uid.type]
            message = f"nobody is in `{uid}`: no claim of `{issuer}` is read for {member} of people"
            remedy = f"say in which claim they are: `issuers.{issuer}.claims.user.{member}`"
            yield Found(message=message, remedy=remedy, policy=policy, span=literal.span)


def _may_have(scene: Scene, group: EntityUid) -> bool:
    """Whether tokens can bring a group, or a role."""
    issuer = scene.loaded.config.issuers.get(group.id.partition("/")[0])
    return issuer is None or getattr(issuer.claims.user, _MEMBERS[group.type]) is not None


def _filled(scene: Scene) -> frozenset[EntityUid]:
    """What static entities put somebody in, or a group that tokens can bring."""
    static = scene.subject.static
    return frozenset(
        above
        for uid in static.uids
        if uid.type == "User" or (uid.type in _MEMBERS and _may_have(scene, uid))
        for above in static.above(uid)
    )


UNSUPPLIED_GROUP = Check(code="PS122", page=__doc__ or "", severity=Severity.warning, find=_find)
