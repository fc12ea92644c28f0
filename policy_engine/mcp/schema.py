"""The Cedar schema of the servers in use, as Cedar JSON.

It is built from values, never by joining text: names that a hostile server chose stay names.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.mcp.argument_types import Record, cedar_type
from policy_engine.mcp.methods import METHODS
from policy_engine.mcp.pinned import UNKNOWN, Kinds
from policy_engine.mcp.servers import Server
from policy_engine.mcp.vocabulary import (
    ACTIONS,
    CONTEXT,
    ENTITY_TYPES,
    PRINCIPALS,
    TOKEN,
    TOOL_GROUPS,
    Attribute,
    EntityType,
)
from policy_engine.model import AttributeType, CedarJson, DeclaredAttributes

__all__ = ["HEADER", "base_schema", "entity_schema", "full_schema"]

HEADER = """\
// The words that policies of policy_engine are written in. Generated: `make schemas` writes it anew.
//
// Each server's pinned tools add an action each, such as Action::"github/create_issue" in Action::"github/*",
// with `context.arguments` typed as the tool's inputSchema says, and Action::"github/?" for unpinned tools.
// `policy-engine schema` prints the whole.

"""
"""What stands at the top of `schemas/mcp.cedarschema`; the rest is `base_schema()` in Cedar's own syntax."""

_NO_ARGUMENTS = Record({})

_NOTHING_DECLARED: DeclaredAttributes = MappingProxyType({})


def entity_schema(declared: DeclaredAttributes = _NOTHING_DECLARED) -> CedarJson:
    """Entity types alone: enough to check principals, and the same for any number of tools.

    Args:
        declared: attributes that the operator adds to people and machines, each optional.
    """
    return _schema({}, {}, declared)


def base_schema() -> CedarJson:
    """Everything that doesn't depend on which servers there are."""
    return _schema(_common_types(), _base_actions(), _NOTHING_DECLARED)


def full_schema(servers: Mapping[str, Server], declared: DeclaredAttributes = _NOTHING_DECLARED) -> CedarJson:
    """The base, each server's tools, and the attributes that the operator adds to people and machines."""
    actions = _base_actions()
    for server in servers.values():
        actions |= _server_actions(server)
    return _schema(_common_types(), actions, declared)


def _schema(common_types: CedarJson, actions: CedarJson, declared: DeclaredAttributes) -> CedarJson:
    entity_types = {
        name: _entity_type(row, {**_declared(declared.get(name, {})), **row.attributes})
        for name, row in ENTITY_TYPES.items()
    }
    return {"": {"commonTypes": common_types, "entityTypes": entity_types, "actions": actions}}


def _declared(attributes: Mapping[str, AttributeType]) -> dict[str, Attribute]:
    return {
        name: Attribute(type_.cedar, "Declared in the configuration.", required=False)
        for name, type_ in attributes.items()
    }


def _entity_type(row: EntityType, attributes: Mapping[str, Attribute]) -> CedarJson:
    tags: CedarJson = {"tags": _type("Set<String>")} if row.tags else {}
    parents = list(row.parents)
    return {"memberOfTypes": parents, "shape": _record(attributes), **tags, **_doc(row.doc)}


def _common_types() -> CedarJson:
    return {
        "Token": {**_record(TOKEN), **_doc("What policies may know of a token.")},
        "Context": {**_record(CONTEXT), **_doc("The context of every action; tools have `arguments` too.")},
    }


def _base_actions() -> CedarJson:
    groups = {name: _doc(doc) for name, doc in TOOL_GROUPS.items()}
    session = {"session": _doc("What a client needs before its first call.")}
    return groups | session | {name: _method_action(name, doc) for name, doc in ACTIONS.items()}


def _method_action(name: str, doc: str) -> CedarJson:
    rows = [row for row in METHODS.values() if row.action == name]
    resources = list(dict.fromkeys(kind for row in rows for kind in row.resources))
    groups = ["session"] if any(row.session for row in rows) else []
    return _action(resources, {"type": "Context"}, groups, doc)


def _server_actions(server: Server) -> CedarJson:
    group = f"{server.name}/*"
    actions = {group: {"memberOf": [{"id": "call_tool"}], **_doc(f"Every tool of `{server.name}`.")}}
    actions[f"{server.name}/?"] = _tool_action(group, UNKNOWN, None, "Call a tool that isn't pinned.")
    for tool in server.tools.values():
        doc = f"Call the tool `{tool.name}`." if tool.reason is None else f"Arguments unseen: {tool.reason}."
        actions[tool.action.id] = _tool_action(group, tool.kinds, tool.arguments, doc)
    return actions


def _tool_action(group: str, kinds: Kinds, arguments: Record | None, doc: str) -> CedarJson:
    context = _record(CONTEXT)
    seen = cedar_type(arguments or _NO_ARGUMENTS)
    context["attributes"]["arguments"] = {**seen, **_doc("The arguments, with defaults filled in.")}
    return _action(["Tool"], context, [group, *kinds.groups], doc)


def _action(resources: list[str], context: CedarJson, groups: Iterable[str], doc: str) -> CedarJson:
    applies = {"principalTypes": list(PRINCIPALS), "resourceTypes": resources, "context": context}
    return {"memberOf": [{"id": group} for group in groups], "appliesTo": applies, **_doc(doc)}


def _record(attributes: Mapping[str, Attribute]) -> CedarJson:
    return {
        "type": "Record",
        "attributes": {
            name: {**_type(row.type), "required": row.required, **_doc(row.doc)}
            for name, row in attributes.items()
        },
    }


def _type(name: str) -> CedarJson:
    if name == "Set<String>":
        return {"type": "Set", "element": {"type": "String"}}
    if name == "datetime":
        return {"type": "Extension", "name": name}
    if name in ENTITY_TYPES:
        return {"type": "Entity", "name": name}
    return {"type": {"Bool": "Boolean"}.get(name, name)}


def _doc(text: str) -> dict[str, Any]:
    return {"annotations": {"doc": text}}
