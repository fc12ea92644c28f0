"""A caller that a guard has let in, and what else may be done for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mcp.shared.exceptions import MCPError

from policy_engine.engine import FilteredList, PolicyEngine
from policy_engine.integrations.mcp_sdk.known import Known
from policy_engine.model import Decision
from policy_engine.model.strict_json import parse

__all__ = ["CALLER", "Caller", "caller_of", "refusal"]

CALLER: Final = "policy_engine.caller"
"""Where in the scope of a request the caller is."""


_UNAUTHORIZED: Final = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request.

    Attributes:
        engine: decides.
        server: the name of the server in its configuration.
        decision: what was decided of the request.
        user: who they are, also in the words of the SDK.
        token: their token; nothing but decisions comes of it.
    """

    engine: PolicyEngine = field(repr=False)
    server: str
    decision: Decision
    user: Known
    token: str | None = field(repr=False)

    def asked(self) -> Mapping[str, Any]:
        """The message that was decided on, as it went on; empty for a stream or the end of a session."""
        forward = self.decision.forward
        message: dict[str, Any] = parse(forward) if forward else {}
        return message

    async def decide(self, method: str, params: Mapping[str, Any] | None) -> Decision:
        """Decide on what a server does for its caller beyond what they asked, and record it."""
        return await self.engine.evaluate_async(self.token, _message(method, params), server=self.server)

    async def filtered(self, method: str, params: Mapping[str, Any] | None, answer: bytes) -> FilteredList:
        """Of a list that a server asks itself for, what the caller can use; the decision is recorded."""
        message = _message(method, params)
        return await self.engine.filter_list_async(self.token, message, answer, self.server)


def caller_of(request: object) -> Caller | None:
    """Who sent the HTTP request that a message came with; None if no guard has let it in."""
    scope = getattr(request, "scope", None)
    found = scope.get(CALLER) if isinstance(scope, Mapping) else None
    return found if isinstance(found, Caller) else None


def refusal(decision: Decision | None) -> MCPError:
    """The error that the SDK answers with; None for what no guard has seen."""
    body = None if decision is None else decision.body()
    if body is None:
        return MCPError(code=_UNAUTHORIZED, message="Unauthorized")
    error = body["error"]
    return MCPError(code=error["code"], message=error["message"], data=error.get("data"))


def _message(method: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    own = {} if params is None else {"params": dict(params)}
    return {"jsonrpc": "2.0", "id": 0, "method": method, **own}
