"""What stands before the SDK's application: a guard, and who asks in the words of the SDK."""

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Final

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.asgi import DECISION, Guarded
from policy_engine.integrations.exchange import Receive, Send, bearer_token, request_of
from policy_engine.integrations.mcp_sdk.callers import CALLER, Caller
from policy_engine.integrations.mcp_sdk.known import known, works_for

__all__ = ["App", "front"]

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_TOKEN: Final = "policy_engine.token"  # noqa: S105 -- the name of a place
_PLACEHOLDER: Final = (b"authorization", b"Bearer admitted")


def front(
    app: App,
    engine: PolicyEngine,
    server: str,
    *,
    verifies: bool = False,
    hosts: Collection[str] | None = None,
) -> App:
    """Put a guard, and then who asks, before an application of the SDK.

    Args:
        app: the application.
        engine: decides.
        server: the name of the server in its configuration.
        verifies: whether the application has a verifier of its own, which is ours and wants to be asked.
        hosts: what `Host` may say; None for anything.
    """
    guarded = Guarded(_Within(app, engine, server, verifies=verifies), engine, server, hosts=hosts)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, _TOKEN: _token(scope), CALLER: None}
        await guarded(scope, receive, send)

    return answer


class _Within:
    """Behind the guard."""

    def __init__(self, app: App, engine: PolicyEngine, server: str, *, verifies: bool) -> None:
        self._app = app
        self._named = AuthContextMiddleware(app)
        self._engine = engine
        self._server = server
        self._verifies = verifies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = dict(scope)
        decision, token = scope[DECISION], scope.pop(_TOKEN)
        user = known(decision.principal)
        scope[CALLER] = Caller(
            engine=self._engine, server=self._server, decision=decision, user=user, token=token
        )
        scope["user"] = AuthenticatedUser(user.token)
        if self._verifies:
            scope["headers"] = [*scope["headers"], _PLACEHOLDER]
        with works_for(user):
            await self._named(scope, receive, send)


def _token(scope: Scope) -> str | None:
    """The token, where there is one alone; the guard refuses all else."""
    try:
        return bearer_token(request_of(scope, b""))
    except ValueError:
        return None
