"""PS112: a machine that nothing is permitted to.

What it checks:
    A client is listed with a grant of machines, and no permit can apply to it but those for sessions and
    lists; what a forbid always closes to machines doesn't count.
    It isn't told of clients whose tokens bring groups or roles of their own.

Why it matters:
    Credentials that are good for nothing are still credentials.
    Either the machine is gone, or somebody will be surprised that it can't do its work.

Example:
    ```yaml
    issuers:
      machines:
        clients:
          ci-bot: {grants: [client_credentials]}
          left-over: {grants: [client_credentials]}
    ```

    where policies name `Client::"machines/ci-bot"` alone.

Instead:
    Take it off the list, or write the permit that it is there for.
    Where it is meant to be so, say why in a comment above: `# policy-engine: allow PS112 -- …`.
"""

from collections.abc import Iterator
from types import MappingProxyType

from policy_engine.cedar import (
    NOTHING_KNOWN,
    Entity,
    Facts,
    KnownEntities,
    PartialRequest,
    Unknown,
    fold_policy,
)
from policy_engine.evaluator import SurveyedPolicy
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Machine, Scene
from policy_engine.review.verdict import Severity

__all__ = ["IDLE_MACHINE"]

_REMEDY = "take it off the list, or write the permit that it is there for"


def _find(scene: Scene) -> Iterator[Found]:
    permits = [
        one for one in scene.deciding if one.tree.effect == "permit" and scene.reach.left_to_machines(one)
    ]
    for machine in scene.machines:
        if not machine.asks or machine.open_ended or any(_applies(one, machine) for one in permits):
            continue
        message = f"no policy permits `{machine.uid}` anything beyond sessions and lists"
        yield Found(message=message, remedy=_REMEDY, place=machine.place)


def _applies(permit: SurveyedPolicy, machine: Machine) -> bool:
    """Whether it could apply to a machine of which no more is known than its id and its groups."""
    if not machine.may_be_meant(permit.tree.principal):
        return False
    facts = Facts(attributes=Unknown("record"), tags=Unknown("record"), ancestors=machine.above)
    entities = KnownEntities(facts=MappingProxyType({machine.uid: facts}), unlisted=NOTHING_KNOWN)
    request = PartialRequest(principal=Entity(machine.uid), entities=entities)
    return fold_policy(permit.tree, request).may_be_satisfied


IDLE_MACHINE = Check(code="PS112", page=__doc__ or "", severity=Severity.note, find=_find)
