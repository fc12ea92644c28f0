"""In front of a FastMCP server (`fastmcp`, an extra), and within it.

    app = protected(server, engine, "github")

The guard decides on what comes over HTTP, byte for byte; the middleware, within the server, lets nothing by
that no guard has seen, and decides on the tools, resources and prompts that tools use in their turn.
"""

import logging
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from fastmcp import FastMCP
from fastmcp.exceptions import AuthorizationError
from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.dependencies import get_http_request
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.mcp_sdk import (
    App,
    Caller,
    Verifier,
    caller_of,
    front,
    principal,
    refusal,
    works_for,
)
from policy_engine.mcp import LISTS

__all__ = ["EngineMiddleware", "EngineVerifier", "principal", "protected"]

_log = logging.getLogger("policy_engine")

_UNDECIDED: Final = "initialize", "server/discover"
"""Methods whose parameters FastMCP doesn't take from what middleware hands on."""


class EngineVerifier(TokenVerifier):
    """The `auth` of a server that has one: who asks, as the engine says; it decides nothing.

    Args:
        engine: knows whose tokens count.
        server: the name of the server in its configuration.
    """

    def __init__(self, engine: PolicyEngine, server: str) -> None:
        super().__init__()
        self._verifier = Verifier(engine, server)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who a token is of; None if it opens nothing here."""
        found = await self._verifier.verify_token(token)
        return None if found is None else AccessToken(**found.model_dump())


class EngineMiddleware(Middleware):
    """Middleware for the innermost place: what it sees is what tools get.

    A message that a guard has decided on goes by; another, such as a tool that a tool calls, is decided on
    for the same caller; all that comes another way is refused.
    """

    async def __call__(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:  # noqa: ANN401 -- as the method has it
        """Let a message by, or refuse it."""
        caller = _caller()
        if caller is None:
            if context.type == "notification":
                return None
            raise refusal(None)
        with works_for(caller.user):
            return await _for(caller, context, call_next)

    async def check_resource_access(self, context: MiddlewareContext[Any]) -> None:
        """Decide on a resource that is looked at otherwise than by reading it."""
        caller = _caller()
        params = _params(context)
        if caller is None:
            raise AuthorizationError("Unauthorized")
        if not _is_asked(caller, "resources/read", params):
            decision = await caller.decide("resources/read", params)
            if not decision.allowed:
                raise AuthorizationError("Forbidden")


def protected(
    server: FastMCP[Any],
    engine: PolicyEngine,
    name: str,
    *,
    hosts: Collection[str] | None = None,
    **options: Any,  # noqa: ANN401 -- FastMCP's own
) -> App:
    """Put a server behind the engine; what is returned is an ASGI application, and the only way in.

    Args:
        server: the outermost server, not one that is mounted in it.
        engine: decides.
        name: the name of the server in its configuration.
        hosts: what `Host` may say; None for anything.
        options: those of the server's `http_app`. The path is that of the server's `resource`, and the guard
            looks at `Host` and `Origin` in place of FastMCP, unless they say otherwise.
    """
    if not any(isinstance(each, EngineMiddleware) for each in server.middleware):
        server.add_middleware(EngineMiddleware())
    path = urlsplit(engine.stages.servers[name].resource).path or "/"
    app = server.http_app(**{"path": path, "host_origin_protection": False, **options})
    return front(app, engine, name, verifies=server.auth is not None, hosts=hosts)


async def _for(caller: Caller, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:  # noqa: ANN401 -- as the method has it
    if _names_a_version(context.message):
        # Policies and the catalogue know of one tool by one name, which is the one that is listed.
        raise refusal(caller.decision.refused("invalid_request"))
    method = context.method or ""
    params = _params(context)
    if _is_asked(caller, method, params):
        return await call_next(context)
    if method in LISTS:
        return []  # nobody has asked for it; what lists for others in its own words would tell all
    decision = await caller.decide(method, params)
    if not decision.allowed:
        if context.type == "notification":
            return None
        raise refusal(decision)
    return await call_next(context)


def _caller() -> Caller | None:
    try:
        found = caller_of(get_http_request())
    except RuntimeError:  # there is no request
        found = None
    if found is None:
        _log.error("refused a message that no guard has seen: serve what `protected` returns, and only it")
    return found


def _params(context: MiddlewareContext[Any]) -> Mapping[str, Any]:
    """What a message asks for, in the protocol's words; FastMCP hands some on as models."""
    message = context.message
    match context.method:
        case "tools/call" | "prompts/get" if not isinstance(message, Mapping):
            return {"name": message.name, "arguments": dict(message.arguments or {})}
        case "resources/read" if not isinstance(message, Mapping):
            return {"uri": str(message.uri)}
        case _:
            return message if isinstance(message, Mapping) else {}


def _is_asked(caller: Caller, method: str, params: Mapping[str, Any]) -> bool:
    """Whether this is what the guard has decided on, and not another message on behalf of it."""
    asked = caller.asked()
    if asked.get("method") != method:
        return False
    if method in LISTS or method in _UNDECIDED:
        return True
    theirs = asked.get("params") or {}
    match method:
        case "tools/call" | "prompts/get":
            return (theirs.get("name"), theirs.get("arguments") or {}) == (
                params["name"],
                params["arguments"],
            )
        case "resources/read":
            return bool(theirs.get("uri") == params["uri"])
        case _:
            return bool(theirs == params)


def _names_a_version(message: Any) -> bool:  # noqa: ANN401 -- of any method
    meta = message.get("_meta") if isinstance(message, Mapping) else getattr(message, "meta", None)
    own = meta.get("fastmcp") if isinstance(meta, Mapping) else None
    return isinstance(own, Mapping) and "version" in own
