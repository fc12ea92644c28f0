"""The SDK's question who a token is of, answered by the engine."""

from typing import Final

from mcp.server.auth.provider import AccessToken

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.mcp_sdk.known import admitted, known

__all__ = ["Verifier"]

_PING: Final = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
_UNAUTHORIZED: Final = 401


class Verifier:
    """A `TokenVerifier` for a server that has `AuthSettings`.

    It says who asks, and decides nothing: that a token is good says nothing about what it is good for. Of a
    request that a guard let in it says whom the guard has named, and looks at no token.

    Args:
        engine: knows whose tokens count.
        server: the name of the server in its configuration.
    """

    def __init__(self, engine: PolicyEngine, server: str) -> None:
        self._engine = engine
        self._server = server

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who a token is of; None if it opens nothing here."""
        user = admitted()
        if user is not None:
            return user.token
        # Any message will do: what is asked is whose it would be.
        decision = await self._engine.evaluate_async(token, _PING, server=self._server, record=False)
        if decision.principal is None or decision.status == _UNAUTHORIZED:
            return None
        return known(decision.principal).token
