"""What single parameters of a message may be: their shapes, URIs, and tasks with their owners."""

from policy_engine.mcp.parameters.shapes import (
    ARGUMENT,
    ARGUMENTS_SO_FAR,
    LEVEL,
    NOTHING,
    NUMBER,
    OBJECT,
    TASK,
    TEXT,
    TEXTS,
    TOKEN,
    Parameter,
    Parameters,
    check_shapes,
)
from policy_engine.mcp.parameters.tasks import NO_OWNERS, TaskOwner, TaskOwners, require_owner
from policy_engine.mcp.parameters.uris import MAX_URI, Uri, parse_uri

__all__ = [
    "ARGUMENT",
    "ARGUMENTS_SO_FAR",
    "LEVEL",
    "MAX_URI",
    "NOTHING",
    "NO_OWNERS",
    "NUMBER",
    "OBJECT",
    "TASK",
    "TEXT",
    "TEXTS",
    "TOKEN",
    "Parameter",
    "Parameters",
    "TaskOwner",
    "TaskOwners",
    "Uri",
    "check_shapes",
    "parse_uri",
    "require_owner",
]
