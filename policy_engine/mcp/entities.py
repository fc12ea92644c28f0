"""The entities around an action and a resource, in Cedar's JSON format.

Ids are `<server>/<name>`, so that nothing of one server is ever an ancestor, or the twin, of another's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from policy_engine.mcp.methods import METHODS
from policy_engine.mcp.pinned import UNKNOWN, Kinds, PinnedTool
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
]

ATTRIBUTE_OF: Mapping[str, str] = {
    "Prompt": "name",
    "Resource": "uri",
    "ResourceTemplate": "uri_template",
    "Task": "task_id",
}
"""Types of what is named in a message and not pinned, and the attribute that holds the name."""

_SESSION = frozenset(row.action for row in METHODS.values() if row.session)


def around_pinned(server: Server, tool: PinnedTool) -> Surroundings:
    """A pinned tool, its server, its action and all groups of the action."""
    entity = _tool(server, tool.name, tool.kinds, pinned=True)
    return Surroundings((entity, _server(server), *_tool_action(server, tool.action, tool.kinds)))


def pinned_entities(servers: Iterable[Server]) -> Mapping[EntityUid, CedarJson]:
    """Every pinned tool and every server, by uid: what is known of those that a policy only names."""
    entities = [
        entity
        for server in servers
        for entity in (
            _server(server),
            *(_tool(server, tool.name, tool.kinds, pinned=True) for tool in server.tools.values()),
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


def around_exposed(server: Server, resource: EntityUid, name: str, shared: Surroundings) -> Surroundings:
    """A prompt, resource, template or task, and what it shares with others: `around_server`."""
    return Surroundings((_entity(resource, {ATTRIBUTE_OF[resource.type]: name}, [server.uid]),), shared)


def _tool(server: Server, name: str, kinds: Kinds, *, pinned: bool) -> CedarJson:
    attributes = {
        "name": name,
        "pinned": pinned,
        "read_only": kinds.read_only,
        "destructive": kinds.destructive,
        "idempotent": kinds.idempotent,
        "open_world": kinds.open_world,
    }
    return _entity(EntityUid("Tool", f"{server.name}/{name}"), attributes, [server.uid])


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


def _entity(uid: EntityUid, attributes: Mapping[str, Any], parents: Iterable[EntityUid]) -> CedarJson:
    return {
        "uid": uid.to_json(),
        "attrs": dict(attributes),
        "parents": [parent.to_json() for parent in parents],
    }
