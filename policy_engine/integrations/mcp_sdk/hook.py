"""Within the server: what no guard has let in reaches no handler, whichever way it came."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

from policy_engine.integrations.mcp_sdk.callers import Caller, caller_of, refusal
from policy_engine.integrations.mcp_sdk.known import works_for
from policy_engine.mcp import LISTS
from policy_engine.model.strict_json import dumps, parse

__all__ = ["Hook"]

_log = logging.getLogger("policy_engine")


class Hook:
    """Middleware of the SDK (`server.middleware`), for the outermost place.

    A message that a guard has decided on goes by; another that the server makes of it (the SDK lists tools to
    check headers) is decided on for the same caller; all others are refused.
    """

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Let a message by, or refuse it."""
        caller = caller_of(ctx.request)
        if caller is None:
            _log.error(
                "refused a message that no guard has seen: serve what `protected` returns, and only it"
            )
            if ctx.request_id is None:
                return None
            raise refusal(None)
        asked = caller.asked()
        # A session outlives the request that began it: what is done is done for who asked for it.
        with works_for(caller.user):
            if asked.get("method") == ctx.method and (asked.get("params") or {}) == (ctx.params or {}):
                return await call_next(ctx)
            return await _another(caller, ctx, call_next)


async def _another(caller: Caller, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    decision = await caller.decide(ctx.method, ctx.params)
    if not decision.allowed or not decision.forward:
        if ctx.request_id is None:
            return None
        raise refusal(decision)
    result = await call_next(replace(ctx, params=parse(decision.forward).get("params")))
    if ctx.method not in LISTS:
        return result
    plain = result if isinstance(result, Mapping | None) else result.model_dump(by_alias=True, mode="json")
    answer = dumps({"jsonrpc": "2.0", "id": 0, "result": plain})
    filtered = await caller.filtered(ctx.method, ctx.params, answer)
    if not filtered.decision.allowed:
        raise refusal(filtered.decision)
    listed: dict[str, Any] = parse(filtered.body)["result"]
    return listed
