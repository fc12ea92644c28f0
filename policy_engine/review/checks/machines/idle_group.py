"""PS113: a group of machines that no policy names.

What it checks:
    A listed client has a group, and neither that `ClientGroup` nor one that it is in stands in a policy.

Why it matters:
    Whoever reads the list takes the group for what decides.
    Adding a machine to it, or taking one out, changes nothing.

Example:
    ```yaml
    issuers:
      machines:
        clients:
          ci-bot: {grants: [client_credentials], groups: [ci, unused]}
    ```

    where no policy names `ClientGroup::"machines/unused"`.

Instead:
    Name it in a policy in place of its members, or leave it out.

    ```cedar
    @id("unused-reads")
    permit (
      principal in ClientGroup::"machines/unused",
      action in Action::"read_only",
      resource in Server::"github"
    );
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator import entity_literals
from policy_engine.model import EntityUid
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.verdict import Severity

__all__ = ["IDLE_GROUP"]

_REMEDY = "name it in a policy in place of its members, or leave it out"


def _find(scene: Scene) -> Iterator[Found]:
    named = {literal.uid for one in scene.survey.every for literal in entity_literals(one.tree)}
    told: set[EntityUid] = set()
    for machine in scene.machines:
        for position, name in enumerate(machine.groups):
            group = EntityUid("ClientGroup", f"{machine.issuer}/{name}")
            if group in told or not named.isdisjoint({group, *scene.subject.static.above(group)}):
                continue
            told.add(group)
            client_id = machine.uid.id.partition("/")[2]
            place = scene.place("issuers", machine.issuer, "clients", client_id, "groups", position)
            yield Found(message=f"no policy names `{group}`", remedy=_REMEDY, place=place)


IDLE_GROUP = Check(code="PS113", page=__doc__ or "", severity=Severity.note, find=_find)
