"""What is known of entities before anybody asks, as the fold takes it."""

from collections.abc import Iterable, Iterator, Mapping

from policy_engine.cedar import NOTHING_KNOWN, Facts, KnownEntities, read_record, uid_of
from policy_engine.mcp import pinned_entities
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.subject import Subject

__all__ = ["Knowledge", "seen"]

_NAMED_BY_MESSAGES = frozenset({"Prompt", "Resource", "ResourceTemplate", "Task", "Tool"})
"""Types whose entities a request can bring with it."""


class Knowledge:
    """Servers, what is pinned of them, static entities, and the groups of actions.

    Args:
        subject: what the review is about.
    """

    def __init__(self, subject: Subject) -> None:
        self._known = subject.known
        self._pinned = frozenset(pinned_entities(subject.servers.values()))
        self._found: dict[EntityUid, Facts | None] = {}
        for name, action in subject.vocabulary.actions.items():
            above = frozenset(EntityUid("Action", group) for group in action.groups)
            uid = EntityUid("Action", name)
            self._found[uid] = Facts(ancestors=above - {uid})

    def of(self, uid: EntityUid) -> Facts | None:
        """What is known of an entity if no request says more; None if there is none then."""
        if uid not in self._found:
            self._found[uid] = self._facts(uid)
        return self._found[uid]

    def literal(self, uid: EntityUid) -> Facts | None:
        """What is known of an entity that a policy names, whatever is asked for."""
        if uid.type in _NAMED_BY_MESSAGES and uid not in self._pinned:
            return NOTHING_KNOWN  # a message may name it, too
        return self.of(uid)

    def above(self, uids: Iterable[EntityUid]) -> frozenset[EntityUid]:
        """Some entities, and all that they are in."""
        found = set(uids)
        for uid in tuple(found):
            facts = self.of(uid)
            found |= frozenset() if facts is None else facts.ancestors
        return frozenset(found)

    def written(self, uid: EntityUid) -> CedarJson:
        """What is said of an entity, in Cedar's JSON entity format; empty if nothing is."""
        return self._known.get(uid, {})

    def _facts(self, uid: EntityUid) -> Facts | None:
        entity = self._known.get(uid)
        if entity is None:
            return None
        return Facts(
            attributes=read_record(entity.get("attrs", {})),
            tags=read_record(entity.get("tags", {})),
            ancestors=self._ancestors(uid),
        )

    def _ancestors(self, uid: EntityUid) -> frozenset[EntityUid]:
        found: set[EntityUid] = set()
        rest = [uid]
        while rest:
            parents = map(uid_of, self._known.get(rest.pop(), {}).get("parents", ()))
            above = {parent for parent in parents if parent is not None} - found
            found |= above
            rest += above
        return frozenset(found)


def seen(knowledge: Knowledge, own: Mapping[EntityUid, Facts], any_of: Mapping[str, Facts]) -> KnownEntities:
    """What is known of all entities in some requests.

    Args:
        knowledge: what is known in any case.
        own: what is known of those that each of the requests brings.
        any_of: by type, what is known of the one of that type of which it isn't known which it is.
    """

    def unnamed(type_: str | None) -> Facts:
        return NOTHING_KNOWN if type_ is None else any_of.get(type_, NOTHING_KNOWN)

    return KnownEntities(facts=_Seen(knowledge, own, frozenset(any_of)), unnamed=unnamed)


class _Seen(Mapping[EntityUid, Facts]):
    """Facts by uid, as the fold looks them up."""

    __slots__ = ("_any_of", "_knowledge", "_own")

    def __init__(self, knowledge: Knowledge, own: Mapping[EntityUid, Facts], any_of: frozenset[str]) -> None:
        self._knowledge = knowledge
        self._own = own
        self._any_of = any_of

    def __getitem__(self, uid: EntityUid) -> Facts:
        own = self._own.get(uid)
        if own is not None:
            return own
        # What a policy names may be the one of which it isn't known which it is.
        found = NOTHING_KNOWN if uid.type in self._any_of else self._knowledge.literal(uid)
        if found is None:
            raise KeyError(uid)
        return found

    def __iter__(self) -> Iterator[EntityUid]:
        return iter(self._own)  # the others aren't counted

    def __len__(self) -> int:
        return len(self._own)
