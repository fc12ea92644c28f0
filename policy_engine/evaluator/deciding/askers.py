"""Who asks: their entities, all of them as one text, and what they are for the scopes of the policies."""

from dataclasses import dataclass

from policy_engine.cedar import Authorizer, Keys, Placed, to_text
from policy_engine.evaluator.entities import EntitySources, Own, ancestors, by_uid, principal_entity
from policy_engine.kept import Kept
from policy_engine.model import CedarJson, EntityUid, Principal, User

__all__ = ["Asker", "Askers"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asker:
    """A principal, and who acts for them; compared by identity, since equal ones are one object.

    Attributes:
        uid: of the principal.
        entities: of both, by uid.
        actor: what `context.actor` has to be.
        keys: what the principal is for the scopes of the policies.
        size: bytes that it takes, about.
    """

    uid: EntityUid
    entities: Own
    actor: CedarJson | None
    keys: Keys
    size: int


class Askers:
    """Finds the asker of a principal.

    To Python `1` is `True`, and equal principals may mean two things to Cedar: they are told apart by the
    text that Cedar gets. A principal that is the very same object is known without it, since none changes.

    Args:
        authorizer: has the scopes.
        knowledge: what is known of entities beside.
        most_bytes: what all askers that are kept may take.
    """

    def __init__(self, authorizer: Authorizer, knowledge: EntitySources, most_bytes: int) -> None:
        self._authorizer = authorizer
        self._knowledge = knowledge
        self._by_text: Kept[str, Asker] = Kept(200_000, most_bytes // 2)
        self._by_object: Kept[int, tuple[Principal, Asker]] = Kept(50_000, most_bytes // 2)

    def of(self, principal: Principal) -> Asker:
        """The asker that a principal is."""
        known = self._by_object.get(id(principal))
        # It is kept together with its number, so that no other object can have that meanwhile.
        if known is not None and known[0] is principal:
            return known[1]
        entities = [principal_entity(principal)]
        actor = principal.actor if isinstance(principal, User) else None
        if actor is not None:
            entities.append(principal_entity(actor))
        text = to_text(entities, "cedar_entities")
        asker = self._by_text.get(text)
        if asker is None:
            asker = self._make(principal, entities, len(text))
            self._by_text.keep(text, asker, asker.size)
        self._by_object.keep(id(principal), (principal, asker), asker.size)
        return asker

    def _make(self, principal: Principal, entities: list[CedarJson], length: int) -> Asker:
        uid = principal.uid
        actor = principal.actor if isinstance(principal, User) else None
        own = by_uid(entities)
        placed = Placed(uid, ancestors(uid, self._knowledge.finder(own)))
        return Asker(
            uid=uid,
            entities=own,
            actor=None if actor is None else {"__entity": actor.uid.to_json()},
            keys=self._authorizer.asker(placed),
            size=2_000 + 8 * length,
        )
