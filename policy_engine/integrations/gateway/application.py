"""The gateway as an ASGI application: one request, one decision, one answer."""

import asyncio
import logging
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final, Protocol

from policy_engine.integrations.exchange import (
    Answer,
    Receive,
    Request,
    Send,
    body_read,
    request_of,
)
from policy_engine.integrations.gateway.back import Back
from policy_engine.integrations.gateway.forwarding import Caller, forward
from policy_engine.integrations.gateway.routes import Route, Routes
from policy_engine.integrations.gateway.seldom import Seldom
from policy_engine.serving import CONNECTION, authority, named, origin_form

__all__ = ["Gateway"]

_LOG: Final = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]

_LOOK_AGAIN: Final = 1.0

_UNKNOWN: Final = 64 * 1024
"""Bytes that are read of a body whose sender brings no credential; they don't change the answer."""

_LINGER_SECONDS: Final = 1.0
_LINGER_BYTES: Final = 1024 * 1024

_HEADERS: Final = (("content-type", "application/json"), ("cache-control", "no-store"))
_CLOSE: Final = (("connection", "close"),)
_ALIVE: Final = Answer(status=200, headers=_HEADERS, body=b'{"status":"alive"}')
_READY: Final = Answer(status=200, headers=_HEADERS, body=b'{"status":"ready"}')
_ENDING: Final = Answer(status=503, headers=_HEADERS, body=b'{"status":"unavailable"}')
_NOT_FOUND: Final = Answer(status=404, headers=_HEADERS, body=b'{"error":"not_found"}')
_BAD: Final = Answer(status=400, headers=(*_HEADERS, *_CLOSE), body=b'{"error":"invalid_request"}')
_FAILED: Final = Answer(
    status=500,
    headers=_HEADERS,
    body=b'{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"}}',
)


class Ways(Protocol):
    """What knows the ways, and is told of the beginning and the end."""

    def routes(self) -> Routes:
        """The ways as they are now."""
        ...

    def begin(self) -> None:
        """Requests will come."""
        ...

    async def aclose(self) -> None:
        """No more will."""
        ...


class Gateway:
    """An ASGI application.

    Args:
        ways: knows where requests go.
        look_again: seconds between two looks at whether a stream may go on.
    """

    def __init__(self, ways: Ways, *, look_again: float = _LOOK_AGAIN) -> None:
        self._ways = ways
        self._look_again = look_again
        self._seldom = Seldom(_LOG)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or heed the beginning and the end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        back = Back(send)
        caller: Caller | None = scope.get("extensions", {}).get(CONNECTION)
        try:
            await self._answer(scope, receive, back, caller)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 -- the outermost handler: a bug is a refusal, and is named
            _LOG.error("a request failed: %s", named(error))
            if not back.begun:
                await back.whole(Answer(status=500, headers=(*_FAILED.headers, *_CLOSE), body=_FAILED.body))
            elif not back.done and caller is not None:
                caller.give_up()

    async def _answer(self, scope: Scope, receive: Receive, back: Back, caller: Caller | None) -> None:
        head = request_of({**scope, "raw_path": origin_form(scope["raw_path"])}, b"")
        if head.target in ("/healthz", "/readyz"):
            ending = caller is not None and caller.ending
            await back.whole(_ALIVE if head.target == "/healthz" else _ENDING if ending else _READY)
            return
        hosts = head.values("host")
        named_host = authority(scope["raw_path"])
        if named_host is not None and [named_host.decode("latin-1").lower()] != [h.lower() for h in hosts]:
            # Two hosts, and nobody knows who reads which (RFC 9112, section 3.2.2).
            await _refuse(_BAD, receive, back, head)
            return
        route = self._ways.routes().find(head.target.partition("?")[0], hosts[0] if hosts else "")
        if route is None:
            await _refuse(_NOT_FOUND, receive, back, head)
            return
        await self._guarded(route, head, receive, back, caller)

    async def _guarded(
        self, route: Route, head: Request, receive: Receive, back: Back, caller: Caller | None
    ) -> None:
        answer = route.guard.at_once(head)
        if answer is not None:
            await _refuse(answer, receive, back, head)
            return
        known = bool(head.values("authorization"))
        read = await body_read(receive, route.guard.most if known else _UNKNOWN)
        if read is None:
            return
        body, is_all = read
        outcome = await route.guard.decide(head.with_body(body))
        if isinstance(outcome, Answer):
            if is_all:
                await back.whole(outcome)
            else:
                await _refuse(outcome, receive, back, head)
            return
        gone = asyncio.ensure_future(receive())
        try:
            await forward(
                outcome,
                route,
                back,
                caller=caller,
                gone=gone,
                seldom=self._seldom,
                look_again=self._look_again,
            )
        finally:
            gone.cancel()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._ways.begin()
            else:
                await self._ways.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _refuse(answer: Answer, receive: Receive, back: Back, head: Request) -> None:
    """Answer without a need for the body, or for the rest of it.

    Some of it is taken in before: closing on it would reset the answer away. What follows on a connection
    after half of a body, or after one whose end isn't sure, isn't known to be a request.
    """
    lengths = [*head.values("content-length"), *head.values("transfer-encoding")]
    read = None
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS if lengths else None):
            read = await body_read(receive, _LINGER_BYTES) if lengths else (b"", True)
    unsure = read is None or not read[1] or len(lengths) > 1
    closes = _CLOSE if unsure and _CLOSE[0] not in answer.headers else ()
    await back.whole(Answer(status=answer.status, headers=(*answer.headers, *closes), body=answer.body))
