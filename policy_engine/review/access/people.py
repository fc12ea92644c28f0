"""What is known of people and machines, whatever their tokens say."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from policy_engine.cedar import (
    Facts,
    Shape,
    String,
    Unknown,
    read_record,
    record,
    uid_of,
    unknown_record,
)
from policy_engine.evaluator import principal_entity
from policy_engine.mapper import IssuerMapping, KnownClient, Sources
from policy_engine.model import CedarJson, Client, EntityUid
from policy_engine.review.access.knowledge import Knowledge
from policy_engine.review.subject import Subject

__all__ = ["Principals"]

_ABOVE: Mapping[str, frozenset[str]] = MappingProxyType(
    {"User": frozenset({"Group", "Role"}), "Client": frozenset({"ClientGroup", "ClientRole"})}
)
_ANY_CLAIM = Sources(groups="?", roles="?")
"""Claims of an issuer that nobody knows."""


class Principals:
    """Says what a policy could find out about somebody.

    Args:
        subject: what the review is about.
        knowledge: what is known of groups, and what static entities say of principals.
    """

    def __init__(self, subject: Subject, knowledge: Knowledge) -> None:
        schema = subject.schema[""]
        self._attributes = {
            type_: unknown_record(schema["entityTypes"][type_]["shape"], schema["commonTypes"])
            for type_ in _ABOVE
        }
        self._knowledge = knowledge

    def anybody(self, type_: str) -> Facts:
        """Of everybody of a kind."""
        return Facts(attributes=self._attributes[type_], tags=Unknown("record"), more=_ABOVE[type_])

    def member(self, type_: str, group: EntityUid) -> Facts:
        """Of everybody who is in a group, and in none besides."""
        return Facts(
            attributes=self._attributes[type_],
            tags=Unknown("record"),
            ancestors=self._knowledge.above((group,)),
        )

    def person(self, uid: EntityUid) -> Facts:
        """Of somebody by name; tokens say of which groups they are."""
        issuer, _, name = uid.id.partition("/")
        fields = {"issuer": String(issuer), "subject": String(name)}
        return self._named(uid, fields, (), _ABOVE["User"])

    def machine(self, uid: EntityUid | None, listed: tuple[IssuerMapping, KnownClient] | None) -> Facts:
        """Of a machine; None for any that is listed in the same way.

        Args:
            uid: which it is.
            listed: its issuer, and what is listed of it; None where it isn't.
        """
        fields: dict[str, Shape] = {}
        groups: tuple[EntityUid, ...] = ()
        claims = _ANY_CLAIM
        if listed is not None:
            mapping, client = listed
            claims, groups = mapping.claims.client, (*_groups(mapping.name, client),)
            fields["issuer"] = String(mapping.name)
            category = client.category or (None if mapping.profile.category else "service")
            if category is not None:
                fields["category"] = String(category)
        more = {"ClientGroup"} if claims.groups else set()
        more |= {"ClientRole"} if claims.roles else set()
        if uid is None:
            shape = self._attributes["Client"]
            return Facts(
                attributes=record({**shape.fields, **fields}, getattr(shape, "optional", frozenset())),
                tags=Unknown("record"),
                ancestors=self._knowledge.above(groups),
                more=_ABOVE["Client"],  # static entities may put one of them in more
            )
        issuer, _, name = uid.id.partition("/")
        known = {**fields, "issuer": String(issuer), "client_id": String(name)}
        return self._named(uid, known, groups, frozenset(more))

    def actor(self, uid: EntityUid, mapping: IssuerMapping, client: KnownClient) -> Facts:
        """Of an agent, of whom tokens say nothing: all that is known is what is listed, and static."""
        listed = principal_entity(
            Client(
                issuer=mapping.name,
                client_id=uid.id.partition("/")[2],
                category=client.category or "service",
                groups=client.groups,
                roles=client.roles,
                attributes=client.attributes,
                typed_attributes=client.typed_attributes,
            )
        )
        static = self._knowledge.written(uid)
        parents = [*listed["parents"], *static.get("parents", ())]
        return Facts(
            attributes=read_record({**static.get("attrs", {}), **listed["attrs"]}),
            tags=read_record({**static.get("tags", {}), **listed["tags"]}),
            ancestors=self._knowledge.above(_uids(parents)),
        )

    def _named(
        self, uid: EntityUid, known: Mapping[str, Shape], groups: Iterable[EntityUid], more: frozenset[str]
    ) -> Facts:
        """Of somebody of whom their id is known; static entities complete what requests say."""
        static = self._knowledge.written(uid)
        shape = self._attributes[uid.type]
        optional: frozenset[str] = getattr(shape, "optional", frozenset())
        # What static entities say is there at least where no request says something else.
        sure = frozenset(static.get("attrs", {})) | frozenset(known)
        return Facts(
            attributes=record({**shape.fields, **known}, optional - sure),
            tags=Unknown("record"),
            ancestors=self._knowledge.above((*groups, *_uids(static.get("parents", ())))),
            more=more,
        )


def _groups(issuer: str, client: KnownClient) -> Iterable[EntityUid]:
    yield from (EntityUid("ClientGroup", f"{issuer}/{name}") for name in client.groups)
    yield from (EntityUid("ClientRole", f"{issuer}/{name}") for name in client.roles)


def _uids(parents: Iterable[CedarJson]) -> Iterable[EntityUid]:
    return (uid for uid in map(uid_of, parents) if uid is not None)
