"""Principals as Cedar entities, and the closure of what a request can reach."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import assert_never

from policy_engine.cedar import CedarError, references, uid_of
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.model import CedarJson, Client, EntityUid, Principal, Tags, TypedAttributes, User

__all__ = [
    "CALLER_NAMED",
    "PRINCIPAL_TYPES",
    "EntityFinder",
    "EntitySources",
    "Own",
    "ancestors",
    "by_uid",
    "closure",
    "merged",
    "principal_entity",
]

PRINCIPAL_TYPES = frozenset({"User", "Client"})

CALLER_NAMED = PRINCIPAL_TYPES | {"Prompt", "Resource", "ResourceTemplate", "Task", "Tool"}
"""Types whose entities a request can bring with it, however policies and files name them."""

EntityFinder = Callable[[EntityUid], CedarJson | None]
"""Looks up what is known of an entity."""


def principal_entity(principal: Principal) -> CedarJson:
    """A human or a machine in Cedar's JSON entity format: attributes, tags, and parents of its own kind."""
    match principal:
        case User():
            attrs: CedarJson = {"issuer": principal.issuer, "subject": principal.subject}
            if principal.email is not None:
                attrs["email"] = principal.email
            return _entity(principal, attrs, "Group", "Role")
        case Client():
            attrs = {
                "issuer": principal.issuer,
                "client_id": principal.client_id,
                "category": principal.category,
            }
            return _entity(principal, attrs, "ClientGroup", "ClientRole")
        case _:
            assert_never(principal)


def _entity(principal: Principal, attrs: CedarJson, group: str, role: str) -> CedarJson:
    if principal.typed_attributes:
        # What is declared stands beside what is ours, and never in its place.
        attrs = {**attrs, **_values(principal.typed_attributes), **attrs}
    parents = [EntityUid(group, f"{principal.issuer}/{name}") for name in sorted(principal.groups)]
    parents += [EntityUid(role, f"{principal.issuer}/{name}") for name in sorted(principal.roles)]
    return {
        "uid": principal.uid.to_json(),
        "attrs": attrs,
        "parents": [parent.to_json() for parent in parents],
        "tags": _tags(principal.attributes),
    }


def _values(attributes: TypedAttributes) -> CedarJson:
    return {name: list(value) if type(value) is tuple else value for name, value in attributes.items()}


def _tags(attributes: Tags) -> dict[str, list[str]]:
    return {name: list(values) for name, values in attributes.items()}


def merged(*known: CedarJson | None) -> CedarJson | None:
    """One entity of all that is known of it.

    Attributes and tags of an earlier one win, name by name; parents are united.
    """
    entities = [entity for entity in known if entity is not None]
    if len(entities) <= 1:
        return entities[0] if entities else None
    whole: CedarJson = {"uid": entities[0]["uid"], "attrs": {}, "parents": [], "tags": {}}
    for entity in reversed(entities):
        whole["attrs"] |= entity.get("attrs", {})
        whole["tags"] |= entity.get("tags", {})
        whole["parents"] += [parent for parent in entity.get("parents", []) if parent not in whole["parents"]]
    return whole


def closure(
    seeds: Iterable[EntityUid], find: EntityFinder, without: Container[EntityUid]
) -> tuple[dict[EntityUid, CedarJson], frozenset[EntityUid]]:
    """Everything that can be reached from some entities: their ancestors, and whatever attributes name.

    Cedar finds ancestors only among the entities it is given: with one left out, a forbid on a group above it
    doesn't apply, and a Deny becomes an Allow.

    Args:
        seeds: where to begin.
        find: what is known of an entity.
        without: what is left out; nothing is looked for behind it.

    Returns:
        What is known of what was reached, and everything that was reached.
    """
    found: dict[EntityUid, CedarJson] = {}
    reached: set[EntityUid] = set()
    rest = list(seeds)
    while rest:
        uid = rest.pop()
        if uid in reached:
            continue
        reached.add(uid)
        entity = None if uid in without else find(uid)
        if entity is not None:
            found[uid] = entity
            for part in ("parents", "attrs", "tags"):
                if value := entity.get(part):
                    rest.extend(references(value))
    return found, frozenset(reached)


Own = Mapping[EntityUid, CedarJson]
"""What a request brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySources:
    """Where it is looked up what is known of entities besides what a request brings.

    Attributes:
        static: what the operator says.
        catalogue: what is known of pinned tools and servers.
        actions: those that policies name, with their groups.
    """

    static: StaticEntities
    catalogue: EntityFinder
    actions: Own

    def finder(self, own: Own) -> EntityFinder:
        """Looks up all that is known; what the request says comes first, and the catalogue's word next.

        So a pinned tool is the same whether it is what is asked about, or a policy names it.
        """
        static, catalogue, actions = self.static.find, self.catalogue, self.actions.get

        def find(uid: EntityUid) -> CedarJson | None:
            if uid.type == "Action":
                return merged(own.get(uid), catalogue(uid), static(uid), actions(uid))
            return merged(own.get(uid), catalogue(uid), static(uid))

        return find


def ancestors(uid: EntityUid, find: EntityFinder) -> frozenset[EntityUid]:
    """All that an entity is in, as Cedar will see it.

    Raises:
        CedarError: a parent isn't a uid.
    """
    above: set[EntityUid] = set()
    rest = [uid]
    while rest:
        entity = find(rest.pop())
        for parent in () if entity is None else entity.get("parents", ()):
            found = uid_of(parent)
            if found is None:
                raise CedarError("cedar_entities", "a parent isn't a uid")
            if found not in above:
                above.add(found)
                rest.append(found)
    return frozenset(above)


def by_uid(entities: Iterable[CedarJson]) -> dict[EntityUid, CedarJson]:
    """Entities by what they are called.

    Raises:
        CedarError: one has no uid.
    """
    found = {}
    for entity in entities:
        uid = uid_of(entity.get("uid"))
        if uid is None:
            raise CedarError("cedar_entities", "an entity has no uid")
        found[uid] = entity
    return found
