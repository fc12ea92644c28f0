"""What a decision is counted under: words of ours and of the configuration, never of a caller.

Each label has few values, whatever callers send: a time series is kept for each combination for good.
"""

from typing import Final

from policy_engine.model import Client, Decision, User

__all__ = ["NONE", "UNKNOWN", "Labels", "action_of", "kind_of", "labels_of", "server_of", "tool_of"]

Labels = tuple[str, ...]

NONE: Final = "none"
UNKNOWN: Final = "unknown"


def labels_of(decision: Decision, *, tools: bool) -> Labels:
    """Code, kind, server, action and, where tools are told apart, tool."""
    common = (decision.code, kind_of(decision), server_of(decision), action_of(decision))
    return (*common, tool_of(decision)) if tools else common


def kind_of(decision: Decision) -> str:
    """`User`, `Client`, or `none` where it couldn't be told."""
    match decision.principal:
        case User():
            return "User"
        case Client():
            return "Client"
        case _:
            return NONE


def server_of(decision: Decision) -> str:
    """A configured server; any other name is a caller's, and only they have a resource."""
    return UNKNOWN if decision.server is None or decision.resource_url is None else decision.server


def action_of(decision: Decision) -> str:
    """The action of its method, `call_tool` for every tool, or `none` where policies weren't asked."""
    if decision.action is None:
        return NONE
    return "call_tool" if "/" in decision.action.id else decision.action.id


def tool_of(decision: Decision) -> str:
    """A pinned tool's own name; what isn't pinned has none here, since anybody may invent one."""
    if decision.action is None:
        return NONE
    _, slash, name = decision.action.id.partition("/")
    return NONE if not slash else UNKNOWN if name == "?" else name
