"""Stage 4: an authorization request → a verdict, failing closed where Cedar alone would not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from policy_engine.cedar import (
    Answer,
    CedarError,
    CedarRequest,
    EntityHandle,
    Schema,
    references,
    uid_of,
)
from policy_engine.evaluator.entities import (
    CALLER_NAMED,
    EntityFinder,
    closure,
    merged,
    principal_entity,
)
from policy_engine.evaluator.entity_schema import partial_schema
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.step_up import StepUp
from policy_engine.model import (
    ALLOWED,
    AuthorizationRequest,
    CedarJson,
    Client,
    EntityUid,
    PolicyFault,
    PolicyMatch,
    Surroundings,
    User,
)

__all__ = ["Evaluator", "Verdict"]

_SAMPLES = (
    User(
        issuer="i", subject="s", email="e", groups=frozenset("g"), roles=frozenset("r"), attributes={"t": ()}
    ),
    Client(issuer="i", client_id="c", groups=frozenset("g"), roles=frozenset("r"), attributes={"t": ()}),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say.

    Attributes:
        code: `allowed`, `no_permit`, `forbidden` or `policy_error`.
        policies: those that decided; with `policy_error`, the forbids that couldn't be evaluated.
        errors: every policy that couldn't be evaluated.
    """

    code: str
    policies: tuple[PolicyMatch, ...] = ()
    errors: tuple[PolicyFault, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request may be forwarded."""
        return self.code == ALLOWED


@dataclass(frozen=True, slots=True)
class _Base:
    """The entities of one shared `Surroundings`, parsed.

    Attributes:
        handle: without what a request may bring with it: the asker, and what a caller named.
        uids: what is in it.
        late: what policies name of those, and static entities know of: it joins the request's own.
    """

    handle: EntityHandle
    uids: frozenset[EntityUid]
    late: frozenset[EntityUid]


class Evaluator:
    """Decides on authorization requests with one policy set; safe to share between threads.

    Args:
        store: the policies.
        entity_schema: Cedar's JSON schema format, without actions: entities are checked against it.
        static: what the operator says of entities.
        catalogue: what is known of other entities that policies name, such as pinned tools.
        most: how many shared `Surroundings` are kept parsed.

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
        most: int = 8192,
    ) -> None:
        EntityHandle.from_json(
            [principal_entity(sample) for sample in _SAMPLES], Schema.from_json(entity_schema)
        )
        self._store = store
        self._schema = partial_schema(entity_schema)
        self._static = static or StaticEntities()
        self._catalogue = catalogue
        self._base: Callable[[Surroundings], _Base] = lru_cache(most)(self._prepare)
        self._step_up = StepUp(store, lambda request: self.evaluate(request).allowed)

    def evaluate(self, request: AuthorizationRequest) -> Verdict:
        """Decide.

        Raises:
            CedarError: the request contradicts itself, or Cedar can't read it: a fault of an earlier stage.
        """
        _check_actor(request)
        asked = CedarRequest(request.principal.uid, request.action, request.resource, request.context)
        return self._verdict(self._store.authorizer.decide(asked, self.entities(request)))

    def missing_scopes(self, requests: Sequence[AuthorizationRequest]) -> tuple[str, ...]:
        """The smallest set of scopes that a refused caller lacks; empty if more is lacking than scopes.

        Args:
            requests: all questions of one message, of which at least one was refused.

        Raises:
            CedarError: as for `evaluate`.
        """
        return self._step_up.missing(requests)

    def _verdict(self, answer: Answer) -> Verdict:
        policies = self._store.policies
        decided = tuple(policies[name].match for name in answer.policies)
        broken = tuple(
            policies[fault.policy].match
            for fault in answer.errors
            if policies[fault.policy].effect == "forbid"
        )
        if decided and not answer.allowed:
            return Verdict("forbidden", decided, answer.errors)
        # Cedar skips a forbid that errs, and so would allow what it was meant to stop.
        if broken:
            return Verdict("policy_error", broken, answer.errors)
        return Verdict(ALLOWED if answer.allowed else "no_permit", decided, answer.errors)

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
        around = request.surroundings
        base = self._base(around.shared or around)
        asking = {} if around.shared is None else {_uid(entity): entity for entity in around.entities}
        if not {request.action, request.resource} <= base.uids | asking.keys():
            # Cedar would go on without them, and every policy on a group above them would be lost.
            raise CedarError("cedar_request", "the surroundings lack the action or the resource")
        asking[request.principal.uid] = principal_entity(request.principal)
        if isinstance(request.principal, User) and request.principal.actor is not None:
            asking[request.principal.actor.uid] = principal_entity(request.principal.actor)

        def find(uid: EntityUid) -> CedarJson | None:
            return merged(asking.get(uid), self._static.find(uid), self._catalogue(uid))

        seeds = {*asking, *base.late, *references(request.context), *also}
        found, _ = closure(seeds, find, without=base.uids)
        return base.handle.with_added([*found.values()], self._schema)

    def _prepare(self, surroundings: Surroundings) -> _Base:
        around = {_uid(entity): entity for entity in surroundings.entities}

        def comes_late(uid: EntityUid) -> bool:
            return uid.type in CALLER_NAMED and uid not in around and self._catalogue(uid) is None

        def find(uid: EntityUid) -> CedarJson | None:
            if comes_late(uid):
                return None
            known = (
                around.get(uid),
                self._static.find(uid),
                self._catalogue(uid),
                self._store.actions.get(uid),
            )
            return merged(*known)

        found, reached = closure([*around, *self._store.literals], find, without=frozenset())
        # The schema has no actions, and would refuse them; they are the schema's own, or stage 3's.
        actions = [entity for uid, entity in found.items() if uid.type == "Action"]
        others = [entity for uid, entity in found.items() if uid.type != "Action"]
        handle = EntityHandle.from_json(actions).with_added(others, self._schema)
        # Of most people and machines that policies name, nothing is known until they ask.
        late = frozenset(uid for uid in reached if comes_late(uid) and self._static.find(uid))
        return _Base(handle, frozenset(found), late)


def _uid(entity: CedarJson) -> EntityUid:
    uid = uid_of(entity.get("uid"))
    if uid is None:
        raise CedarError("cedar_entities", "an entity has no uid")
    return uid


def _check_actor(request: AuthorizationRequest) -> None:
    """What keeps agents out of permits reads `context.actor`: it has to say what the principal says."""
    actor = request.principal.actor if isinstance(request.principal, User) else None
    expected = None if actor is None else {"__entity": actor.uid.to_json()}
    if request.context.get("actor") != expected:
        raise CedarError("cedar_request", "`context.actor` isn't the principal's actor")
