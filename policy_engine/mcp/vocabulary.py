"""The words of the Cedar schema, as tables: entity types, the context of a request, groups of actions.

Policy authors read these sentences in `schemas/mcp.cedarschema`, which is generated from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = [
    "ACTIONS",
    "CONTEXT",
    "ENTITY_TYPES",
    "KIND_GROUPS",
    "PRINCIPALS",
    "TOKEN",
    "TOOL_GROUPS",
    "Attribute",
    "EntityType",
]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named part of an entity or a record.

    Attributes:
        type: `String`, `Bool`, `Long`, `Set<String>`, `datetime`, or a type of this vocabulary.
        doc: what authors read.
        required: whether it is always there.
    """

    type: str
    doc: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class EntityType:
    """A Cedar entity type.

    Attributes:
        doc: what authors read.
        parents: types that it may be a member of.
        attributes: by name.
        tags: whether it carries tags, each a `Set<String>`.
    """

    doc: str
    parents: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: MappingProxyType({}))
    tags: bool = False


PRINCIPALS = ("User", "Client")

_EXPOSED = ("Server", "ToolGroup")

_PINNED = Attribute("Bool", "Whether the catalogue of its server has it.")
_OF_RESOURCES: Mapping[str, Attribute] = MappingProxyType(
    {
        "name": Attribute("String", "Its name at the server, as reviewed by the operator.", required=False),
        "mime_type": Attribute("String", "Its media type, as reviewed by the operator.", required=False),
    }
)

# Humans and machines have no parent type in common: `principal in Group::"corp/eng"` can't hold a machine.
ENTITY_TYPES: Mapping[str, EntityType] = MappingProxyType(
    {
        "User": EntityType(
            'A human, as `User::"<issuer>/<subject>"`; claims are tags or declared attributes.',
            ("Group", "Role"),
            {
                "issuer": Attribute("String", "The configured name of the issuer that vouches for them."),
                "subject": Attribute("String", "Their stable id at that issuer."),
                "email": Attribute("String", "Only if the issuer verified it.", required=False),
            },
            tags=True,
        ),
        "Client": EntityType(
            'A machine, as `Client::"<issuer>/<client id>"`; claims are tags or declared attributes.',
            ("ClientGroup", "ClientRole"),
            {
                "issuer": Attribute("String", "The configured name of the issuer that vouches for it."),
                "client_id": Attribute("String", "Its id at that issuer."),
                "category": Attribute("String", "`service`, `ai_agent` or `workload`."),
            },
            tags=True,
        ),
        "Group": EntityType('A group of humans, as `Group::"<issuer>/<name>"`.', ("Group",)),
        "Role": EntityType('A role of humans, as `Role::"<issuer>/<name>"`.', ("Role",)),
        "ClientGroup": EntityType(
            'A group of machines, as `ClientGroup::"<issuer>/<name>"`.', ("ClientGroup",)
        ),
        "ClientRole": EntityType('A role of machines, as `ClientRole::"<issuer>/<name>"`.', ("ClientRole",)),
        "Server": EntityType(
            'One MCP server, as `Server::"<server>"`.',
            (),
            {"resource": Attribute("String", "Its canonical URI.")},
        ),
        "ToolGroup": EntityType("What an operator put together, of any server.", ("ToolGroup",)),
        "Tool": EntityType(
            'A tool, as `Tool::"<server>/<name>"`; labels are tags.',
            _EXPOSED,
            {
                "name": Attribute("String", "Its name at the server."),
                "pinned": _PINNED,
                "read_only": Attribute("Bool", "Changes nothing, as reviewed by the operator."),
                "destructive": Attribute("Bool", "May destroy something; so does whatever nobody reviewed."),
                "idempotent": Attribute("Bool", "Does no more when called again, as reviewed."),
                "open_world": Attribute(
                    "Bool", "Reaches beyond the server; so does whatever nobody reviewed."
                ),
            },
            tags=True,
        ),
        "Prompt": EntityType(
            'A prompt, as `Prompt::"<server>/<name>"`; labels are tags.',
            _EXPOSED,
            {"name": Attribute("String", "Its name at the server."), "pinned": _PINNED},
            tags=True,
        ),
        "Resource": EntityType(
            'A resource, as `Resource::"<server>/<uri>"`; labels are tags.',
            _EXPOSED,
            {
                "uri": Attribute("String", "Its URI, exactly as the caller wrote it."),
                "scheme": Attribute("String", "What stands before the first `:`; in small letters."),
                "authority": Attribute(
                    "String", "What stands between `//` and the path: host and port.", required=False
                ),
                "host": Attribute(
                    "String", "In small letters for `http` and the like; else as written.", required=False
                ),
                "port": Attribute("Long", "Only where the URI names one.", required=False),
                "path": Attribute(
                    "String", "Without dot segments, empty segments or encoded separators; still encoded."
                ),
                "query": Attribute("String", "What stands behind `?`; still encoded.", required=False),
                "fragment": Attribute("String", "What stands behind `#`; still encoded.", required=False),
                "pinned": _PINNED,
                **_OF_RESOURCES,
            },
            tags=True,
        ),
        "ResourceTemplate": EntityType(
            'A template of resources, as `ResourceTemplate::"<server>/<uri template>"`; labels are tags.',
            _EXPOSED,
            {
                "uri_template": Attribute("String", "Its URI template, exactly as the caller wrote it."),
                "pinned": _PINNED,
                **_OF_RESOURCES,
            },
            tags=True,
        ),
        "Task": EntityType(
            'A long-running call, as `Task::"<server>/<task id>"`.',
            _EXPOSED,
            {
                "task_id": Attribute("String", "The id that the server gave it."),
                "owned": Attribute(
                    "Bool", "Whether it is known to be the caller's own; false where nobody knows."
                ),
                "tool": Attribute("Tool", "The tool that it is a call of, if that is known.", required=False),
            },
            tags=True,
        ),
    }
)

TOKEN: Mapping[str, Attribute] = MappingProxyType(
    {
        "scopes": Attribute("Set<String>", "What it was granted; necessary, never sufficient."),
        "grant": Attribute("String", "The OAuth grant that it was issued for.", required=False),
        "client_id": Attribute("String", "The application that it was issued to.", required=False),
        "acr": Attribute("String", "How surely the person was authenticated.", required=False),
        "amr": Attribute("Set<String>", "By what means the person was authenticated.", required=False),
        "issued_at": Attribute("datetime", "When it was issued.", required=False),
        "expires_at": Attribute("datetime", "When its time is over.", required=False),
    }
)

CONTEXT: Mapping[str, Attribute] = MappingProxyType(
    {
        "token": Attribute("Token", "What is known of the token."),
        "actor": Attribute(
            "Client", "The machine that acts for the person who asks, if one does.", required=False
        ),
        "time": Attribute("datetime", "When the request came."),
        "protocol_version": Attribute("String", "The MCP version that the message states."),
        "input_responses": Attribute(
            "Set<String>",
            "Kinds of answers that the message brings to questions of the server: `elicitation` (what a"
            " person would say), `sampling`, `roots`, `other`.",
        ),
        "has_request_state": Attribute(
            "Bool", "Whether the message goes on with a call that the server asked something about."
        ),
        "unrepresentable": Attribute(
            "Set<String>",
            "Arguments that were given but have no Cedar type, or are unknown to the pinned schema.",
        ),
    }
)

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "initialize": "Begin a session (2025-11-25).",
        "discover": "Ask what the server can do (2026-07-28).",
        "ping": "Ask whether the server is there.",
        "notify": "Tell the server something that wants no answer.",
        "open_stream": "Listen to what the server sends in a session (GET).",
        "end_session": "End a session (DELETE).",
        "answer_request": "Answer a question of the server; see `context.input_responses`.",
        "listen": "Ask for notifications; each list, resource and task in it is asked for separately.",
        "list_tools": "See the list of tools.",
        "list_prompts": "See the list of prompts.",
        "list_resources": "See the list of resources.",
        "list_resource_templates": "See the list of resource templates.",
        "list_tasks": "See the list of tasks, other callers' included.",
        "get_prompt": "Get a prompt.",
        "read_resource": "Read a resource.",
        "subscribe_resource": "Be told, or no longer be told, when a resource changes.",
        "complete": "Complete an argument of a prompt or a template, which shows what values there are.",
        "set_log_level": "Choose what the server logs to the client.",
        "get_task": "See the state or the result of a task.",
        "update_task": "Give a task the input that it waits for.",
        "cancel_task": "Cancel a task.",
    }
)
"""Actions that aren't tools; what each applies to is in the methods table."""

KIND_GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "read_only": "Tools that change nothing, as reviewed by the operator.",
        "destructive": "Tools that may destroy something, and all that nobody reviewed.",
        "idempotent": "Tools that do no more when called again, as reviewed by the operator.",
        "open_world": "Tools that reach beyond their server, and all that nobody reviewed.",
    }
)

TOOL_GROUPS: Mapping[str, str] = MappingProxyType({"call_tool": "Every tool of every server.", **KIND_GROUPS})
"""Groups of actions that tools are in."""
