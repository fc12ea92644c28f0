"""Stage 3: what an MCP message asks for, in the words that policies are written in.

`parse_message` reads a message, a `RequestBuilder` turns it into questions, `full_schema` gives the Cedar
schema that those questions, and the policies, are checked against.
"""

from policy_engine.mcp.argument_types import RESERVED, Collection, Member, Never, Opaque, Record, Scalar
from policy_engine.mcp.bodies import MAX_BYTES, Body, PlainCall, answer_id, plain_call, read_body
from policy_engine.mcp.build import Call, RequestBuilder
from policy_engine.mcp.catalogue import (
    ITEM_KINDS,
    TOOLS,
    Catalogue,
    ItemKind,
    PinnedItem,
    catalogue_json_schema,
)
from policy_engine.mcp.context import CALL_PARTS, call_parts
from policy_engine.mcp.drift import Changes, Drift
from policy_engine.mcp.entities import pinned_entities
from policy_engine.mcp.lists import (
    LISTS,
    MAX_ANSWER,
    ListAnswer,
    ListedItem,
    Listing,
    ListKind,
    ListReader,
    Possibilities,
    read_events,
    write_event,
)
from policy_engine.mcp.messages import (
    Message,
    Notification,
    Request,
    Response,
    Stream,
    checks_skipped,
    parse_body,
    parse_message,
    stated_version,
)
from policy_engine.mcp.methods import METHODS, Method
from policy_engine.mcp.names import LONGEST_NAME, fold
from policy_engine.mcp.origins import check_origin, is_origin
from policy_engine.mcp.parameters import NO_OWNERS, TaskOwner, TaskOwners
from policy_engine.mcp.pinned import Kinds, PinnedTool, item_digest
from policy_engine.mcp.revisions import CAPABILITIES_KEY, HANDSHAKE, STATELESS, VERSION_KEY
from policy_engine.mcp.schema import HEADER, base_schema, entity_schema, full_schema
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

__all__ = [
    "ACTIONS",
    "CALL_PARTS",
    "CAPABILITIES_KEY",
    "CONTEXT",
    "ENTITY_TYPES",
    "HANDSHAKE",
    "HEADER",
    "ITEM_KINDS",
    "LISTS",
    "LONGEST_NAME",
    "MAX_ANSWER",
    "MAX_BYTES",
    "METHODS",
    "NO_OWNERS",
    "PRINCIPALS",
    "RESERVED",
    "STATELESS",
    "TOKEN",
    "TOOLS",
    "TOOL_GROUPS",
    "VERSION_KEY",
    "Attribute",
    "Body",
    "Call",
    "Catalogue",
    "Changes",
    "Collection",
    "Drift",
    "EntityType",
    "ItemKind",
    "Kinds",
    "ListAnswer",
    "ListKind",
    "ListReader",
    "ListedItem",
    "Listing",
    "Member",
    "Message",
    "Method",
    "Never",
    "Notification",
    "Opaque",
    "PinnedItem",
    "PinnedTool",
    "PlainCall",
    "Possibilities",
    "Record",
    "Request",
    "RequestBuilder",
    "Response",
    "Scalar",
    "Server",
    "Stream",
    "TaskOwner",
    "TaskOwners",
    "answer_id",
    "base_schema",
    "call_parts",
    "catalogue_json_schema",
    "check_origin",
    "checks_skipped",
    "entity_schema",
    "fold",
    "full_schema",
    "is_origin",
    "item_digest",
    "parse_body",
    "parse_message",
    "pinned_entities",
    "plain_call",
    "read_body",
    "read_events",
    "stated_version",
    "write_event",
]
