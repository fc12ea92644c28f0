"""In front of a server that is made with the official SDK (`mcp`, an extra), and within it.

    app = protected(server, engine, "github")

The guard decides on what comes over HTTP, byte for byte; the hook, within the server, lets nothing by that no
guard has seen, and decides on what the server asks itself for a caller.
"""

from policy_engine.integrations.mcp_sdk.callers import Caller, caller_of, refusal
from policy_engine.integrations.mcp_sdk.front import App, front
from policy_engine.integrations.mcp_sdk.hook import Hook
from policy_engine.integrations.mcp_sdk.known import Known, principal, works_for
from policy_engine.integrations.mcp_sdk.served import protected
from policy_engine.integrations.mcp_sdk.verifier import Verifier

__all__ = [
    "App",
    "Caller",
    "Hook",
    "Known",
    "Verifier",
    "caller_of",
    "front",
    "principal",
    "protected",
    "refusal",
    "works_for",
]
