"""What was sent, as far as a log tells: enough for the policies to be asked the same."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from policy_engine.harness.recording.exchange import Exchange

__all__ = ["message_of"]

_STARTED: Final = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "recorded", "version": "1"},
}

Params = Callable[[str], Mapping[str, Any]]

_PARAMS: Final[Mapping[str, Params]] = MappingProxyType(
    {
        "initialize": lambda _name: _STARTED,
        "ping": lambda _name: {},
        "tools/list": lambda _name: {},
        "prompts/list": lambda _name: {},
        "prompts/get": lambda name: {"name": name},
        "resources/list": lambda _name: {},
        "resources/templates/list": lambda _name: {},
        "resources/read": lambda name: {"uri": name},
        "resources/subscribe": lambda name: {"uri": name},
        "resources/unsubscribe": lambda name: {"uri": name},
        "logging/setLevel": lambda _name: {"level": "info"},
        "tasks/list": lambda _name: {},
        "notifications/initialized": lambda _name: {},
        "notifications/roots/list_changed": lambda _name: {},
        "notifications/cancelled": lambda _name: {"requestId": 1},
        "notifications/progress": lambda _name: {"progressToken": 1, "progress": 1},
    }
)
"""By method, what has to be said, given the name of what it is about. Others say more than a log tells."""


def message_of(exchange: Exchange) -> Mapping[str, Any] | None:
    """The message of a method other than `tools/call`; None if a log doesn't tell enough of it."""
    method = exchange.method
    if method == "response":
        return {"jsonrpc": "2.0", "id": 1, "result": {}}
    if method in ("GET", "DELETE"):
        return {}
    params = _PARAMS.get(method)
    if params is None:
        return None
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    said = dict(params(exchange.resource.id.partition("/")[2]))
    if said:
        message["params"] = said
    return message if method.startswith("notifications/") else {**message, "id": 1}
