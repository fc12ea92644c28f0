"""What is said where a formula asks for nothing: what is likely, so that a witness reads like a request."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.model import EntityUid
from policy_engine.review.symbolic import HALVES, Name

__all__ = ["WORDS", "default"]

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "User": "somebody",
        "Client": "some-machine",
        "Group": "some-group",
        "Role": "some-role",
        "ClientGroup": "some-group",
        "ClientRole": "some-role",
        "Server": "some-server",
        "Tool": "some_tool",
        "Prompt": "some-prompt",
        "Resource": "file:///some-resource",
        "ResourceTemplate": "file:///{some}",
        "Task": "some-task",
        "ToolGroup": "some-tools",
    }
)
"""What one is called that may be called anything."""

_MOMENT = 1_767_225_600_000
"""2026-01-01, in milliseconds."""

_PLAIN: Mapping[str, Any] = MappingProxyType(
    {
        "Bool": False,
        "Long": 0,
        "String": "",
        "decimal": 0,
        "datetime": _MOMENT,
        "duration": 0,
        "ipaddr": "192.0.2.1",
    }
)
"""By type; the address is one that documentation may use (RFC 5737)."""

_NAMED: Mapping[Name, Any] = MappingProxyType(
    {
        ("context", "protocol_version"): "2025-11-25",
        ("attr", "Client", "category"): "service",
        ("attr", "Resource", "scheme"): "file",
        ("attr", "Resource", "path"): "/some-resource",
    }
)


def default(kind: str, name: Name, uid: EntityUid | None) -> Any:  # noqa: ANN401 -- JSON
    """A value of one of Cedar's types that have no parts, as `plain` takes it.

    Args:
        kind: Cedar's name for the type.
        name: what it is a value of.
        uid: the entity that it is an attribute of, if it is one.
    """
    if name in _NAMED:
        return _NAMED[name]
    if uid is not None and kind == "String":
        left, _, right = uid.id.partition("/")
        first, second = HALVES.get(uid.type, (None, None))
        if name[-1] in (first, second):
            return left if name[-1] == first else right
        if (uid.type, name[-1]) == ("Server", "resource"):
            return f"https://{uid.id}.example.com/mcp"
    return _PLAIN[kind]
