"""Stage 4: an authorization request → a verdict.

Cedar is handed the policies whose scopes admit the request, the entities that these and the request can
reach, and what they read of the context. Each of the three leaves its answer as it is, so the same three are
the same question, and an answer is used again for that alone: whatever else a request holds, no policy sees.
"""

import weakref
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import NamedTuple

from policy_engine.cedar import (
    CedarError,
    EntityHandle,
    Question,
    ReadSet,
    Schema,
    Slice,
    question,
    references,
    to_text,
)
from policy_engine.evaluator.deciding.askers import Asker, Askers
from policy_engine.evaluator.deciding.limits import Limits
from policy_engine.evaluator.deciding.targets import Target, Targets, added
from policy_engine.evaluator.deciding.verdict import NO_POLICY, Verdict
from policy_engine.evaluator.entities import EntityFinder, EntitySources, closure, principal_entity
from policy_engine.evaluator.entity_schema import partial_schema
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.step_up import StepUp
from policy_engine.kept import Kept
from policy_engine.model import AuthorizationRequest, CedarJson, Client, EntityUid, User

__all__ = ["Evaluator", "Known"]

_SAMPLES = (
    User(
        issuer="i", subject="s", email="e", groups=frozenset("g"), roles=frozenset("r"), attributes={"t": ()}
    ),
    Client(issuer="i", client_id="c", groups=frozenset("g"), roles=frozenset("r"), attributes={"t": ()}),
)

_NONE: frozenset[EntityUid] = frozenset()


class Evaluator:
    """Decides on authorization requests with one policy set; safe to share between threads.

    Args:
        store: the policies.
        entity_schema: Cedar's JSON schema format, without actions: entities are checked against it.
        static: what the operator says of entities.
        catalogue: what is known of other entities that policies name, such as pinned tools.
        limits: what is kept between requests.

    Raises:
        CedarError: the schema has no place for what the engine says of people and machines.
    """

    def __init__(
        self,
        store: PolicyStore,
        entity_schema: CedarJson,
        static: StaticEntities | None = None,
        *,
        catalogue: EntityFinder = lambda _uid: None,
        limits: Limits | None = None,
    ) -> None:
        EntityHandle.from_json(
            [principal_entity(sample) for sample in _SAMPLES], Schema.from_json(entity_schema)
        )
        self._schema = partial_schema(entity_schema)
        self._static = static or StaticEntities()
        self._catalogue = catalogue
        self._use(store, limits or Limits())

    def with_store(self, store: PolicyStore, limits: Limits | None = None) -> "Evaluator":
        """One that decides with other policies on the same entities; it may keep as much, or what is said."""
        other = copy(self)
        other._use(store, limits or self._limits)  # noqa: SLF001 -- our own
        return other

    def _use(self, store: PolicyStore, limits: Limits) -> None:
        self._limits = limits
        part = limits.most_bytes // 8
        self._store = store
        self._knowledge = EntitySources(static=self._static, catalogue=self._catalogue, actions=store.actions)
        self._authorizer = store.authorizer.bounded(part)
        self._askers = Askers(self._authorizer, self._knowledge, part)
        self._targets = Targets(self._authorizer, self._knowledge, self._schema, part)
        self._handles: Kept[_HandleKey, tuple[EntityHandle, Question]] = Kept(500_000, 3 * part)
        self._answers: Kept[_AnswerKey, Verdict] = Kept(1_000_000 if limits.answers else 0, 2 * part)
        # Not itself: in a circle, thousands of policies would wait for the garbage collector after a reload.
        self_ = weakref.proxy(self)
        self._step_up = StepUp(store, lambda request: self_.evaluate(request).allowed)

    def evaluate(self, request: AuthorizationRequest) -> Verdict:
        """Decide.

        Raises:
            CedarError: the request contradicts itself, or Cedar can't read it: a fault of an earlier stage.
        """
        asker, target, part = self._placed(request)
        if not part.names:
            return NO_POLICY
        read = part.reads.of(request.context)
        context = to_text(read, "cedar_request") if read else "{}"
        key = (part, asker, target, context)
        known = self._answers.get(key)
        if known is not None:
            return known
        handle, asked = self._handle(part.literals, asker, target, read)
        verdict = Verdict.of(self._authorizer.answer(part, asked, context, handle), self._store)
        if not verdict.errors:
            self._answers.keep(key, replace(verdict, reused=True), 1_000 + 2 * len(context))
        return verdict

    def concerns(self, request: AuthorizationRequest) -> bool:
        """Whether any policy can have to do with a request; raises what `evaluate` does."""
        return bool(self._placed(request)[2].names)

    def known(self, request: AuthorizationRequest, fixed: CedarJson) -> "Known | None":
        """What verdicts on such requests are found by: of the same asking the same of the same.

        None where policies read the time: then no two questions are the same.

        Args:
            request: one of them.
            fixed: the part of its context that all of them have.
        """
        asker, target, part = self._placed(request)
        if not part.names or part.reads.reads("time"):
            return None
        read = part.reads.of(fixed)
        return Known(part, asker, target, read, part.reads.without(fixed))

    def recall(self, known: "Known", context: CedarJson) -> Verdict | None:
        """The verdict on such a request, if Cedar answered the very same question before.

        Args:
            known: of the requests.
            context: the rest of its context; the time may be left out.
        """
        part, asker, target, fixed, varying = known
        text = to_text({**fixed, **varying.of(context)}, "cedar_request")
        return self._answers.get((part, asker, target, text))

    def missing_scopes(self, requests: Sequence[AuthorizationRequest]) -> tuple[str, ...]:
        """The smallest set of scopes that a refused caller lacks; empty if more is lacking than scopes.

        Args:
            requests: all questions of one message, one that was refused first.

        Raises:
            CedarError: as for `evaluate`.
        """
        return self._step_up.missing(requests)

    @property
    def store(self) -> PolicyStore:
        """The policies that it decides with."""
        return self._store

    def entities(self, request: AuthorizationRequest, also: Iterable[EntityUid] = ()) -> EntityHandle:
        """What Cedar is told of entities when it decides on a request.

        Args:
            request: the request.
            also: further entities to tell of, as far as they are known.

        Raises:
            CedarError: as for `evaluate`.
        """
        asker, target, part = self._placed(request)
        return self._made(part.literals.union(also), asker, target, references(request.context))

    def _placed(self, request: AuthorizationRequest) -> tuple[Asker, Target, Slice]:
        asker = self._askers.of(request.principal)
        # What keeps agents out of permits reads `context.actor`: it has to say what the principal says.
        if request.context.get("actor") != asker.actor:
            raise CedarError("cedar_request", "`context.actor` isn't the principal's actor")
        target = self._targets.of(request)
        return asker, target, self._authorizer.slice(asker.keys, target.keys)

    def _handle(
        self, literals: frozenset[EntityUid], asker: Asker, target: Target, read: CedarJson
    ) -> tuple[EntityHandle, Question]:
        named = references(read) if read else _NONE
        key = (literals, asker, target, named)
        found = self._handles.get(key)
        if found is None:
            asked = question(asker.uid, target.action, target.resource)
            found = self._made(literals, asker, target, named), asked
            self._handles.keep(key, found, 8_000 + 4 * (asker.size + target.size))
        return found

    def _made(
        self, literals: frozenset[EntityUid], asker: Asker, target: Target, named: frozenset[EntityUid]
    ) -> EntityHandle:
        base = target.base
        own = {**target.own, **asker.entities}
        found, _ = closure(
            {*own, *base.late, *literals, *named}, self._knowledge.finder(own), without=base.uids
        )
        return added(base.handle, found, self._schema)


class Known(NamedTuple):
    """What verdicts on requests are found by, besides what the policies read of the rest of their context."""

    part: Slice
    asker: Asker
    target: Target
    read: CedarJson
    varying: ReadSet


_HandleKey = tuple[frozenset[EntityUid], Asker, Target, frozenset[EntityUid]]
_AnswerKey = tuple[Slice, Asker, Target, str]
