"""What stage 3 asks of stage 4 about what isn't asked for yet: could any request of these be allowed?"""

from dataclasses import dataclass

from policy_engine.model.request import CedarJson, Surroundings
from policy_engine.model.uid import EntityUid

__all__ = ["Possibility"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Possibility:
    """Every request for one action on one thing, whatever else is in it; compared by identity.

    Attributes:
        action: what would be asked for.
        type: the entity type of what it would be done to.
        resource: what it would be done to; None where that may be anything of `type` at `server`.
        server: the server that has it.
        surroundings: the entities of action and resource.
        context: the Cedar type of the context, in Cedar's JSON schema format; no request has another.
    """

    action: EntityUid
    type: str
    resource: EntityUid | None
    server: EntityUid
    surroundings: Surroundings
    context: CedarJson
