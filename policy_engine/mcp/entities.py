"""The entities around an action and a resource, in Cedar's JSON format.

Ids are `<server>/<name>`, so that nothing of one server is ever an ancestor, or the twin, of another's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from policy_engine.mcp.catalogue import PinnedItem
from policy_engine.mcp.methods import METHODS
from policy_engine.mcp.parameters import parse_uri
from policy_engine.mcp.pinned import NO_LABELS, UNKNOWN, Kinds, Labels, PinnedTool
from policy_engine.mcp.servers import Server
from policy_engine.model import CedarJson, EntityUid, Surroundings

__all__ = [
    "ATTRIBUTE_OF",
    "around_exposed",
    "around_pinned",
    "around_server",
    "around_unpinned",
    "around_unpinned_action",
    "pinned_entities",
    "tool_entity",
]

ATTRIBUTE_OF: Mapping[str, str] = {"Prompt": "name", "ResourceTemplate": "uri_template", "Task": "task_id"}
"""Types of what is named in a message and not pinned, and the attribute that holds the name.

A URI has more than one: `Uri.attributes`.
"""

_SESSION = frozenset(row.action for row in METHODS.values() if row.session)


def around_pinned(server: Server, tool: PinnedTool) -> Surroundings:
    """A pinned tool, its server, its action and all groups of the action."""
    return Surroundings(
        (_pinned(server, tool), _server(server), *_tool_action(server, tool.action, tool.kinds))
    )


def pinned_entities(servers: Iterable[Server]) -> Mapping[EntityUid, CedarJson]:
    """Every server and all that is pinned, by uid: what is known of those that a policy only names."""
    entities = [
        entity
        for server in servers
        for entity in (
            _server(server),
            *(_pinned(server, tool) for tool in server.tools.values()),
            *(_pinned_item(server, item) for item in _askable(server)),
        )
    ]
    return {EntityUid(**entity["uid"]): entity for entity in entities}


def around_unpinned(server: Server, name: str, shared: Surroundings) -> Surroundings:
    """A tool that nobody pinned, and what all of them share: `around_action` of `<server>/?`."""
    return Surroundings((_tool(server, name, UNKNOWN, pinned=False),), shared)


def around_unpinned_action(server: Server) -> Surroundings:
    """A server, and the one action that there is for all its tools that nobody pinned."""
    return Surroundings(
        (_server(server), *_tool_action(server, EntityUid("Action", f"{server.name}/?"), UNKNOWN))
    )


def around_server(server: Server, action: str) -> Surroundings:
    """A server, and an action on it."""
    return Surroundings((_server(server), *_action(action)))


def around_exposed(
    server: Server,
    resource: EntityUid,
    attributes: CedarJson,
    shared: Surroundings,
    also: tuple[CedarJson, ...] = (),
) -> Surroundings:
    """A prompt, resource, template or task, what that names, and what all share: `around_server`."""
    return Surroundings((_exposed(server, resource, attributes), *also), shared)


def tool_entity(server: Server, name: str) -> CedarJson:
    """A tool by name, pinned or not."""
    pinned = server.tools.get(name)
    return _tool(server, name, UNKNOWN, pinned=False) if pinned is None else _pinned(server, pinned)


def _exposed(server: Server, resource: EntityUid, attributes: CedarJson) -> CedarJson:
    """What a message names, and what the catalogue says of it."""
    if resource.type == "Task":
        return _entity(resource, attributes, [server.uid])
    pinned = server.pinned(resource.type, resource.id.removeprefix(f"{server.name}/"))
    if pinned is None:
        return _entity(resource, {**attributes, "pinned": False}, [server.uid])
    return _entity(resource, {**pinned.facts, **attributes, "pinned": True}, [server.uid], pinned.labels)


def _askable(server: Server) -> Iterable[PinnedItem]:
    """Pinned things that a request could be about."""
    lists = () if server.catalogue is None else server.catalogue.items.values()
    return (item for items in lists for item in items.values() if item.reason is None)


def _pinned_item(server: Server, item: PinnedItem) -> CedarJson:
    if item.type == "Resource":
        return _exposed(server, item.resource, parse_uri(item.name).attributes)
    return _exposed(server, item.resource, {ATTRIBUTE_OF[item.type]: item.name})


def _pinned(server: Server, tool: PinnedTool) -> CedarJson:
    return _tool(server, tool.name, tool.kinds, pinned=True, labels=tool.labels)


def _tool(server: Server, name: str, kinds: Kinds, *, pinned: bool, labels: Labels = NO_LABELS) -> CedarJson:
    attributes = {
        "name": name,
        "pinned": pinned,
        "read_only": kinds.read_only,
        "destructive": kinds.destructive,
        "idempotent": kinds.idempotent,
        "open_world": kinds.open_world,
    }
    return _entity(EntityUid("Tool", f"{server.name}/{name}"), attributes, [server.uid], labels)


def _tool_action(server: Server, action: EntityUid, kinds: Kinds) -> tuple[CedarJson, ...]:
    every_tool = EntityUid("Action", f"{server.name}/*")
    call_tool = EntityUid("Action", "call_tool")
    groups = [EntityUid("Action", group) for group in kinds.groups]
    return (
        _entity(action, {}, [every_tool, *groups]),
        _entity(every_tool, {}, [call_tool]),
        *(_entity(group, {}, []) for group in (call_tool, *groups)),
    )


def _server(server: Server) -> CedarJson:
    return _entity(server.uid, {"resource": server.resource}, [])


def _action(name: str) -> tuple[CedarJson, ...]:
    action = EntityUid("Action", name)
    if name not in _SESSION:
        return (_entity(action, {}, []),)
    session = EntityUid("Action", "session")
    return (_entity(action, {}, [session]), _entity(session, {}, []))


def _entity(
    uid: EntityUid,
    attributes: Mapping[str, Any],
    parents: Iterable[EntityUid],
    labels: Labels = NO_LABELS,
) -> CedarJson:
    entity: CedarJson = {
        "uid": uid.to_json(),
        "attrs": dict(attributes),
        "parents": [parent.to_json() for parent in parents],
    }
    if labels:
        entity["tags"] = {name: list(values) for name, values in labels.items()}
    return entity
