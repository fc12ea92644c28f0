"""Stage 3: what an MCP message asks for, in the words that policies are written in.

`parse_message` reads a message, a `RequestBuilder` turns it into questions, `full_schema` gives the Cedar
schema that those questions, and the policies, are checked against.
"""

from policy_engine.mcp.argument_types import Opaque
from policy_engine.mcp.build import Call, RequestBuilder
from policy_engine.mcp.catalogue import Catalogue
from policy_engine.mcp.entities import pinned_entities
from policy_engine.mcp.messages import (
    MAX_BYTES,
    Message,
    Notification,
    Request,
    Response,
    Stream,
    answer_id,
    parse_message,
)
from policy_engine.mcp.methods import METHODS, Method
from policy_engine.mcp.pinned import Kinds, PinnedTool, item_digest
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
    "CONTEXT",
    "ENTITY_TYPES",
    "HEADER",
    "MAX_BYTES",
    "METHODS",
    "PRINCIPALS",
    "TOKEN",
    "TOOL_GROUPS",
    "Attribute",
    "Call",
    "Catalogue",
    "EntityType",
    "Kinds",
    "Message",
    "Method",
    "Notification",
    "Opaque",
    "PinnedTool",
    "Request",
    "RequestBuilder",
    "Response",
    "Server",
    "Stream",
    "answer_id",
    "base_schema",
    "entity_schema",
    "full_schema",
    "item_digest",
    "parse_message",
    "pinned_entities",
]
