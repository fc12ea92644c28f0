"""Which headers go on, and which come back: those of MCP and of its transport, named; no other does.

What a caller proves itself with isn't the server's business (MCP, "Security Best Practices / Token
Passthrough"), and neither is what somebody in between says of the caller: what isn't in these tables stops
here, however it is spelt.
"""

import re
from collections.abc import Mapping
from typing import Final

from policy_engine.integrations.exchange.messages import Headers

__all__ = ["SESSION", "answered", "forwarded"]

SESSION: Final = "mcp-session-id"

_TO_SERVER: Final = frozenset(
    {"accept", "accept-language", "content-type", "last-event-id", "mcp-protocol-version", "mcp-method"}
    | {"mcp-name", SESSION, "traceparent", "tracestate", "user-agent"}
)
_TO_CALLER: Final = frozenset(
    {"allow", "cache-control", "content-language", "content-type", "last-modified", "mcp-protocol-version"}
    | {SESSION, "retry-after"}
)
_PARAMETER: Final = re.compile(r"mcp-param-[a-z0-9-]{1,80}")
_VISIBLE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""Characters of a value (RFC 9110, section 5.5): with none of them does another header begin."""


def forwarded(headers: Headers, repeated: Mapping[str, str]) -> Headers:
    """What the server gets.

    Args:
        headers: those that came.
        repeated: headers that repeat what is forwarded, instead of those that came (`forward_headers`).
    """
    anew = {name.lower() for name in repeated}
    kept = [
        (lower, value)
        for name, value in headers
        if ((lower := name.lower()) in _TO_SERVER or _PARAMETER.fullmatch(lower))
        and lower not in anew
        and _VISIBLE.fullmatch(value)
    ]
    # What comes back has to be read, so it must not come compressed.
    return (
        *kept,
        *((name.lower(), value) for name, value in repeated.items()),
        ("accept-encoding", "identity"),
    )


def answered(headers: Headers) -> Headers:
    """What the caller gets."""
    return tuple(
        (lower, value)
        for name, value in headers
        if (lower := name.lower()) in _TO_CALLER and _VISIBLE.fullmatch(value)
    )
