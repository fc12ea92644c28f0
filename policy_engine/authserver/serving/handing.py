"""Who calls the server's handler: the event loop itself, or a few threads beside it.

A token costs two signatures and one short transaction, less than it takes to hand it to a thread and back; so
where the store is memory or a file of this machine, the event loop does it. A database elsewhere may take
seconds to answer, or never, and so may a file that another process has locked: then threads wait for it, and
the loop goes on answering.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from policy_engine.authserver.haste import BusyError
from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.web import HttpRequest, HttpResponse, refusal_response

__all__ = ["Hand", "hand_over"]

Hand = Callable[[HttpRequest], Awaitable[HttpResponse]]

_THREADS: Final = 8
_WAITING: Final = 256
"""Requests in the threads' hands; whoever comes beyond is told at once that the server can't answer."""
_SECONDS: Final = 5
"""That a request waits for a thread; then it is told the same."""


def hand_over(server: AuthorizationServer, *, apart: bool, hasty: AuthorizationServer | None = None) -> Hand:
    """How requests get to the handler.

    Args:
        server: has the handler.
        apart: whether threads call it.
        hasty: the same server, which raises BusyError where it would have to wait; it is asked first.
    """
    if hasty is not None:
        return _first(hasty, _Apart(server))
    return _Apart(server) if apart else _inline(server)


def _first(hasty: AuthorizationServer, apart: Hand) -> Hand:
    async def call(request: HttpRequest) -> HttpResponse:
        try:
            return hasty.handle(request)
        except BusyError:
            return await apart(request)

    return call


def _inline(server: AuthorizationServer) -> Hand:
    async def call(request: HttpRequest) -> HttpResponse:
        return server.handle(request)

    return call


class _Apart:
    def __init__(self, server: AuthorizationServer) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="authserver")
        self._waiting = 0

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._waiting >= _WAITING:
            return refusal_response("unavailable", realm=self._server.issuer)
        self._waiting += 1
        try:
            begun = self._threads.submit(self._server.handle, request)
            answer = asyncio.wrap_future(begun)
            await asyncio.wait([answer], timeout=_SECONDS)
            # What a thread has begun with is finished; what none has isn't wanted any more.
            if begun.cancel():
                return refusal_response("unavailable", realm=self._server.issuer)
            return await answer
        finally:
            self._waiting -= 1
