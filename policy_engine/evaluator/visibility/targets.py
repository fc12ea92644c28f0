"""What could be asked for, as the fold takes it."""

from collections.abc import Iterator, Mapping

from policy_engine.cedar import (
    NOTHING_KNOWN,
    CedarError,
    Entity,
    Facts,
    KnownEntities,
    PartialRequest,
    Unknown,
    unknown_record,
)
from policy_engine.evaluator.entities import by_uid
from policy_engine.evaluator.visibility.knowledge import Knowledge
from policy_engine.evaluator.visibility.rules import Place
from policy_engine.model import EntityUid, Possibility

__all__ = ["Facets", "Target", "seen"]

Facets = Mapping[EntityUid, Facts]
"""What is known of the caller, and of who acts for them."""


class Target:
    """One possibility, prepared.

    Attributes:
        action: for the heads of policies.
        resource: likewise.
        context: what is known of it, whoever asks.
    """

    __slots__ = ("_facts", "_knowledge", "_own", "action", "context", "possibility", "resource")

    def __init__(self, possibility: Possibility, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._own = by_uid(possibility.surroundings.whole)
        self._facts: dict[EntityUid, Facts | None] = {}
        self.possibility = possibility
        self.context = unknown_record(possibility.context)
        self.action = self._place(possibility.action)
        if possibility.resource is not None:
            self.resource = self._place(possibility.resource)
        else:
            within = frozenset({possibility.server})
            prefix = f"{possibility.server.id}/"
            self.resource = Place(uid=None, type=possibility.type, within=within, prefix=prefix)

    def facts(self, uid: EntityUid) -> Facts | None:
        """What a request for it says of an entity; None where it says nothing."""
        if self.possibility.resource is None and uid.type == self.possibility.type:
            return NOTHING_KNOWN  # it may be the one that is asked for
        if uid not in self._own:
            return None
        if uid not in self._facts:
            self._facts[uid] = self._knowledge.facts(uid, self._own)
        return self._facts[uid]

    @property
    def resource_value(self) -> Entity | Unknown:
        """The variable `resource`."""
        uid = self.possibility.resource
        return Unknown("entity", self.possibility.type) if uid is None else Entity(uid)

    def anybody(self) -> PartialRequest:
        """A request for it of which nothing else is known."""
        return PartialRequest(
            action=Entity(self.possibility.action),
            resource=self.resource_value,
            context=self.context,
            entities=seen(self._knowledge, self, {}),
        )

    def _place(self, uid: EntityUid) -> Place:
        facts = self.facts(uid)
        if facts is None:
            raise CedarError("cedar_request", "the surroundings lack the action or the resource")
        return Place(uid=uid, type=uid.type, within=facts.ancestors | {uid})


class _Seen(Mapping[EntityUid, Facts]):
    """Facts by uid, as the fold looks them up: the caller's, the request's, and those that always hold."""

    __slots__ = ("_caller", "_knowledge", "_target")

    def __init__(self, knowledge: Knowledge, target: Target, caller: Facets) -> None:
        self._knowledge = knowledge
        self._target = target
        self._caller = caller

    def __getitem__(self, uid: EntityUid) -> Facts:
        found = self._caller.get(uid) or self._target.facts(uid) or self._knowledge.of(uid)
        if found is None:
            raise KeyError(uid)
        return found

    def __iter__(self) -> Iterator[EntityUid]:
        return iter(self._caller)  # the others aren't counted

    def __len__(self) -> int:
        return len(self._caller)


def seen(knowledge: Knowledge, target: Target, caller: Facets) -> KnownEntities:
    """What Cedar is told of entities when somebody asks for something."""
    return KnownEntities(facts=_Seen(knowledge, target, caller))
