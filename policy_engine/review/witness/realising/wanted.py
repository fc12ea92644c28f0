"""What a witness says, in the words of principals and messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import CedarRequest, uid_of
from policy_engine.mapper import Kind
from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.witness.realising.values import seconds_of

__all__ = ["Somebody", "Wanted"]

_KINDS: Mapping[str, Kind] = MappingProxyType({"User": "user", "Client": "client"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A principal, or who acts for one, as the witness has them.

    Attributes:
        uid: by which policies know them.
        attributes: Cedar JSON.
        tags: each a list of texts.
        above: every group and role that they are in, through others too.
    """

    uid: EntityUid
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    tags: Mapping[str, Any] = field(default_factory=dict, hash=False)
    above: frozenset[EntityUid] = frozenset()

    @property
    def kind(self) -> Kind:
        """Which kind of token they have."""
        return _KINDS[self.uid.type]

    @property
    def issuer(self) -> str:
        """Who vouches for them, as far as their id says it."""
        return self.uid.id.partition("/")[0]

    @property
    def name(self) -> str:
        """Their id at the issuer, likewise."""
        return self.uid.id.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A witness, read.

    Attributes:
        principal: who asks.
        actor: who acts for them.
        action: what they ask for.
        resource: on what.
        attributes: of the resource.
        context: Cedar JSON.
        at: when it is, in seconds since the epoch, if that can be told.
    """

    principal: Somebody
    actor: Somebody | None
    action: EntityUid
    resource: EntityUid
    attributes: Mapping[str, Any] = field(hash=False)
    context: CedarJson = field(hash=False)
    at: float | None

    @classmethod
    def of(cls, request: CedarRequest, entities: Iterable[CedarJson]) -> "Wanted":
        """Read a witness; its principal is a `User` or a `Client`."""
        by_uid = {uid: entity for entity in entities if (uid := uid_of(entity.get("uid"))) is not None}
        actor = uid_of(request.context.get("actor"))
        return cls(
            principal=_somebody(request.principal, by_uid),
            actor=None if actor is None else _somebody(actor, by_uid),
            action=request.action,
            resource=request.resource,
            attributes=by_uid.get(request.resource, {}).get("attrs", {}),
            context=request.context,
            at=seconds_of(request.context.get("time")),
        )

    @property
    def token(self) -> Mapping[str, Any]:
        """What is said of the token."""
        found = self.context.get("token")
        return found if isinstance(found, Mapping) else {}

    def texts(self, name: str) -> tuple[str, ...]:
        """A set of strings of the context, sorted."""
        return _texts(self.context.get(name))

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of the token, sorted."""
        return _texts(self.token.get("scopes"))

    @property
    def server(self) -> str:
        """The server that is asked, as its name stands in the ids."""
        named = self.action.id if "/" in self.action.id else self.resource.id
        return named.partition("/")[0]


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 -- Cedar JSON
    return tuple(sorted(each for each in value if isinstance(each, str))) if isinstance(value, list) else ()


def _somebody(uid: EntityUid, by_uid: Mapping[EntityUid, CedarJson]) -> Somebody:
    entity = by_uid.get(uid, {})
    above: set[EntityUid] = set()
    rest = [uid]
    while rest:
        parents = map(uid_of, by_uid.get(rest.pop(), {}).get("parents", ()))
        new = {parent for parent in parents if parent is not None} - above
        above |= new
        rest += new
    return Somebody(
        uid=uid,
        attributes=entity.get("attrs", {}),
        tags=entity.get("tags", {}),
        above=frozenset(above),
    )
