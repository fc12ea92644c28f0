"""Who may ask: the kinds, the machines of the configuration, and whom policies name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.cedar import Entity, EntityLiteral, Facts, Unknown, walk
from policy_engine.config import issuer_mappings
from policy_engine.mapper import IssuerMapping, KnownClient
from policy_engine.model import EntityUid
from policy_engine.review.access.knowledge import Knowledge
from policy_engine.review.access.people import Principals
from policy_engine.review.access.values import Row, RowKind
from policy_engine.review.subject import Subject

__all__ = ["Asker", "rows_of"]

_GROUPS: Mapping[str, RowKind] = MappingProxyType(
    {
        "Group": RowKind.User,
        "Role": RowKind.User,
        "ClientGroup": RowKind.Client,
        "ClientRole": RowKind.Client,
    }
)
_NO_OTHER = "in no other group or role, but those that this one is in"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asker:
    """All requests of somebody, as the fold takes them.

    Attributes:
        row: who it is.
        principal: the variable `principal`.
        actor: `context.actor`, where somebody acts for them.
        own: what is known of principal and actor, where it is known which they are.
        any_of: by type, what is known of them where it isn't.
    """

    row: Row
    principal: Entity | Unknown
    actor: Entity | Unknown | None = None
    own: Mapping[EntityUid, Facts] = field(default_factory=lambda: MappingProxyType({}))
    any_of: Mapping[str, Facts] = field(default_factory=lambda: MappingProxyType({}))


def rows_of(subject: Subject, knowledge: Knowledge) -> tuple[Asker, ...]:
    """Everybody who gets a row, the kinds first; each once."""
    principals = Principals(subject, knowledge)
    named = frozenset(_named(subject))
    listed = [*_listed(subject)]
    machines = {uid: (mapping, client) for uid, mapping, client in listed if client.is_machine}
    agents = {uid: (mapping, client) for uid, mapping, client in listed if client.may_act}
    found = [
        _kind(RowKind.User, "any person", principals),
        *(_group(uid, principals) for uid in sorted(named) if _GROUPS.get(uid.type) is RowKind.User),
        *(_person(uid, principals) for uid in sorted(named) if uid.type == "User"),
        _kind(RowKind.Client, "any machine", principals),
        *(_group(uid, principals) for uid in sorted(named) if _GROUPS.get(uid.type) is RowKind.Client),
        *(
            _machine(uid, principals, machines.get(uid))
            for uid in sorted({*machines, *_clients(named, agents)})
        ),
        *_beginnings(subject, principals),
        _kind(RowKind.delegated, "any person, through any agent", principals),
        *(_through(uid, principals, *agents[uid]) for uid in sorted(agents)),
    ]
    return tuple({asker.row.id: asker for asker in found}.values())


def _named(subject: Subject) -> Iterator[EntityUid]:
    """Every principal and every group of them that a policy that decides names."""
    for policy in subject.running.values():
        tree = subject.tree(policy)
        yield from (literal.uid for literal in tree.principal.entities)
        for condition in tree.conditions:
            yield from (node.uid for node in walk(condition.body) if isinstance(node, EntityLiteral))


def _clients(named: Iterable[EntityUid], agents: Iterable[EntityUid]) -> Iterator[EntityUid]:
    """Machines that policies name, and that aren't applications of people."""
    applications = frozenset(agents)
    return (uid for uid in named if uid.type == "Client" and uid not in applications)


def _listed(subject: Subject) -> Iterator[tuple[EntityUid, IssuerMapping, KnownClient]]:
    """Every client that is listed one by one, in the configuration or in a registry."""
    registries = subject.stages.registries
    for mapping in issuer_mappings(subject.loaded, registries):
        watch = registries.get(mapping.name)
        clients = mapping.clients if watch is None else watch.snapshot.clients
        if isinstance(clients, Mapping):
            for client_id, client in clients.items():
                yield EntityUid("Client", f"{mapping.name}/{client_id}"), mapping, client


def _kind(kind: RowKind, label: str, principals: Principals) -> Asker:
    row = Row(id=str(kind), kind=kind, label=label, whole=True)
    type_ = "Client" if kind is RowKind.Client else "User"
    any_of = {type_: principals.anybody(type_)}
    actor = None
    if kind is RowKind.delegated:
        actor = Unknown("entity", "Client")
        any_of["Client"] = principals.anybody("Client")
    return Asker(row=row, principal=Unknown("entity", type_), actor=actor, any_of=any_of)


def _group(uid: EntityUid, principals: Principals) -> Asker:
    kind = _GROUPS[uid.type]
    label = f"{'person' if kind is RowKind.User else 'machine'} in {uid}"
    row = Row(id=str(uid), kind=kind, label=label, note=_NO_OTHER)
    return Asker(
        row=row,
        principal=Unknown("entity", str(kind)),
        any_of={str(kind): principals.member(str(kind), uid)},
    )


def _person(uid: EntityUid, principals: Principals) -> Asker:
    row = Row(id=str(uid), kind=RowKind.User, label=str(uid))
    return Asker(row=row, principal=Entity(uid), own={uid: principals.person(uid)})


def _machine(
    uid: EntityUid, principals: Principals, listed: tuple[IssuerMapping, KnownClient] | None
) -> Asker:
    note = "" if listed else "not listed at its issuer, so it isn't admitted as things are"
    row = Row(id=str(uid), kind=RowKind.Client, label=str(uid), note=note)
    return Asker(row=row, principal=Entity(uid), own={uid: principals.machine(uid, listed)})


def _beginnings(subject: Subject, principals: Principals) -> Iterator[Asker]:
    """Machines that are listed by the beginning of their ids."""
    for mapping in issuer_mappings(subject.loaded, subject.stages.registries):
        for prefix, client in mapping.prefixes.items():
            label = f"machine whose id begins with {EntityUid('Client', f'{mapping.name}/{prefix}')}"
            row = Row(id=f"Client from {mapping.name}/{prefix}", kind=RowKind.Client, label=label)
            facts = principals.machine(None, (mapping, client))
            yield Asker(row=row, principal=Unknown("entity", "Client"), any_of={"Client": facts})


def _through(uid: EntityUid, principals: Principals, mapping: IssuerMapping, client: KnownClient) -> Asker:
    row = Row(id=f"delegated by {uid}", kind=RowKind.delegated, label=f"any person, through {uid}")
    return Asker(
        row=row,
        principal=Unknown("entity", "User"),
        actor=Entity(uid),
        own={uid: principals.actor(uid, mapping, client)},
        any_of={"User": principals.anybody("User")},
    )
