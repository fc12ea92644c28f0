"""What is asked for: an action on a resource, the entities around both, and what they are for policies."""

from dataclasses import dataclass

from policy_engine.cedar import (
    Authorizer,
    CedarError,
    EntityHandle,
    Placed,
    Schema,
    TargetKeys,
    to_text,
)
from policy_engine.evaluator.entities import CALLER_NAMED, EntitySources, Own, ancestors, by_uid, closure
from policy_engine.kept import Kept
from policy_engine.model import AuthorizationRequest, CedarJson, EntityUid, Surroundings

__all__ = ["Base", "Target", "Targets", "added"]

_PRINCIPALS = frozenset({"User", "Client", "Group", "Role", "ClientGroup", "ClientRole"})

_MOST_BASES, _BASE_BYTES = 50_000, 512 * 1024 * 1024
"""There are as many as tools and methods: they are the operator's, and no caller's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """The entities of one shared `Surroundings`, parsed.

    Attributes:
        handle: without what a request may bring with it: the asker, and what a caller named.
        uids: what is in it.
        late: what is named there of what a request may bring, and the operator knows of: it joins that.
        own: the surroundings themselves, by uid.
    """

    handle: EntityHandle
    uids: frozenset[EntityUid]
    late: frozenset[EntityUid]
    own: Own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """An action on a resource; compared by identity, since equal ones are one object.

    Attributes:
        action: what is asked for.
        resource: what it is done to.
        base: the entities around, but for what the request alone brings.
        own: that.
        keys: what action and resource are for the scopes of the policies.
        size: bytes that it takes beside the base, about.
    """

    action: EntityUid
    resource: EntityUid
    base: Base
    own: Own
    keys: TargetKeys
    size: int


class Targets:
    """Finds the target of a request.

    Args:
        authorizer: has the scopes.
        knowledge: what is known of entities beside.
        schema: entities are checked against it.
        most_bytes: what may be kept of what callers name.
    """

    def __init__(
        self, authorizer: Authorizer, knowledge: EntitySources, schema: Schema, most_bytes: int
    ) -> None:
        self._authorizer = authorizer
        self._knowledge = knowledge
        self._schema = schema
        self._bases: Kept[Surroundings, Base] = Kept(_MOST_BASES, _BASE_BYTES)
        self._pinned: Kept[Surroundings, Target] = Kept(_MOST_BASES, _BASE_BYTES)
        self._named: Kept[tuple[Base, EntityUid, EntityUid, str], Target] = Kept(100_000, most_bytes)

    def of(self, request: AuthorizationRequest) -> Target:
        """The target that a request has.

        Raises:
            CedarError: the surroundings contradict the request.
        """
        around, action, resource = request.surroundings, request.action, request.resource
        if around.shared is not None:
            base = self._base(around.shared)
            key = (base, action, resource, to_text(list(around.entities), "cedar_entities"))
            found = self._named.get(key)
            if found is None:
                found = self._make(base, by_uid(around.entities), action, resource, length=len(key[3]))
                self._named.keep(key, found, found.size)
            return found
        found = self._pinned.get(around)
        if found is None or (found.action, found.resource) != (action, resource):
            found = self._make(self._base(around), {}, action, resource)
            self._pinned.keep(around, found, found.size)
        return found

    def _make(
        self, base: Base, own: Own, action: EntityUid, resource: EntityUid, *, length: int = 0
    ) -> Target:
        if not {action, resource} <= base.uids | own.keys():
            # Cedar would go on without them, and every policy on a group above them would be lost.
            raise CedarError("cedar_request", "the surroundings lack the action or the resource")
        if any(uid.type in _PRINCIPALS for uid in (*own, *base.own)):
            raise CedarError("cedar_entities", "who asks isn't the surroundings' to say")
        find = self._knowledge.finder({**base.own, **own})
        placed = (Placed(uid, ancestors(uid, find)) for uid in (action, resource))
        return Target(
            action=action,
            resource=resource,
            base=base,
            own=own,
            keys=self._authorizer.target(*placed),
            size=2_000 + 8 * length,
        )

    def _base(self, around: Surroundings) -> Base:
        found = self._bases.get(around)
        if found is None:
            found = self._prepare(around)
            self._bases.keep(around, found, 10_000)
        return found

    def _prepare(self, surroundings: Surroundings) -> Base:
        around = by_uid(surroundings.entities)
        known = self._knowledge.finder(around)

        def comes_late(uid: EntityUid) -> bool:
            return uid.type in CALLER_NAMED and uid not in around and self._knowledge.catalogue(uid) is None

        def find(uid: EntityUid) -> CedarJson | None:
            return None if comes_late(uid) else known(uid)

        found, reached = closure(around, find, without=frozenset())
        handle = added(EntityHandle.from_json([]), found, self._schema)
        # Of most people and machines that are named, nothing is known until they ask.
        late = frozenset(uid for uid in reached if comes_late(uid) and self._knowledge.static.find(uid))
        return Base(handle=handle, uids=frozenset(found), late=late, own=around)


def added(handle: EntityHandle, entities: Own, schema: Schema) -> EntityHandle:
    """A set of entities, and some more.

    The schema has no actions, and would refuse them; they are the schema's own, or stage 3's.
    """
    actions = [entity for uid, entity in entities.items() if uid.type == "Action"]
    others = [entity for uid, entity in entities.items() if uid.type != "Action"]
    if actions:
        handle = handle.with_added(actions)
    return handle.with_added(others, schema) if others else handle
