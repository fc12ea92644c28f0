"""Principals as Cedar entities, and the closure of what a request can reach."""

from collections.abc import Callable, Container, Iterable
from typing import assert_never

from policy_engine.cedar import references
from policy_engine.model import CedarJson, Client, EntityUid, Principal, Tags, TypedAttributes, User

__all__ = ["CALLER_NAMED", "PRINCIPAL_TYPES", "EntityFinder", "closure", "merged", "principal_entity"]

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
