"""A request that was let through, on its way to the server and back."""

import asyncio
from contextlib import suppress
from typing import Any, Final, Protocol

from policy_engine.integrations.exchange import Admitted, Answer, ListReply, Reply
from policy_engine.integrations.gateway.back import Back
from policy_engine.integrations.gateway.routes import Route
from policy_engine.integrations.gateway.seldom import Seldom
from policy_engine.integrations.gateway.slots import TooManyError
from policy_engine.integrations.gateway.upstream import Answering, UpstreamError

__all__ = ["Caller", "forward"]

_BUSY: Final = 503

_AT_ONCE: Final = 1024 * 1024
"""Bytes of an answer that is kept until it is there whole: of less than that, nobody gets a half."""


class Caller(Protocol):
    """The connection to the caller (`serving.CONNECTION`).

    Attributes:
        ending: whether the gateway ends.
    """

    ending: bool

    def give_up(self) -> None:
        """Close it at once."""
        ...


async def forward(
    admitted: Admitted,
    route: Route,
    back: Back,
    *,
    caller: Caller | None,
    gone: "asyncio.Future[Any]",
    seldom: Seldom,
    look_again: float,
) -> None:
    """Ask the server, and pass on what it answers for as long as that is allowed and listened to.

    Args:
        admitted: what was let through.
        route: where it goes.
        back: where the answer goes.
        caller: the connection, if what serves gives it.
        gone: done when the caller has gone.
        seldom: told what goes wrong.
        look_again: seconds between two looks at whether a stream may go on.
    """
    asking = asyncio.ensure_future(_asked(admitted, route, back, seldom))
    reason: str | None = None
    try:
        while not asking.done():
            await asyncio.wait((asking, gone), timeout=look_again, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                break
            if not asking.done() and (reason := await _over(admitted, back, caller)) is not None:
                break
    finally:
        if not asking.done():
            asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        if back.streams:
            admitted.asked.engine.observer.stream_ended(route.name, reason or None)
    if back.done or gone.done():
        return
    if back.streams:
        await back.part(b"", last=True)
    elif caller is not None:
        # Half of an answer mustn't look like one; to close is the one way of HTTP/1.1 to say so.
        caller.give_up()
        await gone


async def _over(admitted: Admitted, back: Back, caller: Caller | None) -> str | None:
    """Why a stream has to end, if it has to: the code of a decision, or nothing where the gateway ends."""
    if not back.streams:
        return None
    return "" if caller is not None and caller.ending else await admitted.over()


async def _asked(admitted: Admitted, route: Route, back: Back, seldom: Seldom) -> None:
    principal, method = admitted.decision.principal, admitted.asked.http.method or "POST"
    try:
        with route.slots.taken(None if principal is None else principal.uid):
            async with route.upstream.asked(method, admitted.headers, admitted.body) as answering:
                await _passed(admitted, answering, back)
    except TooManyError:
        seldom.tell(f"{route.name}: one principal has as many requests under way as it may have")
        await back.whole(admitted.failed(_BUSY))
    except UpstreamError as error:
        seldom.tell(f"{route.name}: {error.why}")
        if not back.begun:
            await back.whole(admitted.failed(error.status))


async def _passed(admitted: Admitted, answering: Answering, back: Back) -> None:
    """Pass on an answer, through what it has to pass."""
    reply = admitted.reply(answering.status, answering.headers)
    if isinstance(reply, Answer):
        await back.whole(reply)
    elif isinstance(reply, ListReply):
        await back.whole(await reply.answer(await answering.whole(reply.most)))
    else:
        await _fed(admitted, reply, answering, back)


async def _fed(admitted: Admitted, reply: Reply, answering: Answering, back: Back) -> None:
    told = b""
    if not answering.streams:
        body, is_all = await answering.beginning(_AT_ONCE)
        told = await reply.feed(body)
        if is_all:
            headers = tuple(pair for pair in reply.headers if pair[0] != "content-length")
            whole = told + await reply.end()
            await back.whole(Answer(status=reply.status, headers=headers, body=whole))
            return
    if answering.streams:
        admitted.asked.engine.observer.stream_opened(admitted.asked.server)
    await back.begin(reply, streams=answering.streams)
    try:
        await back.part(told)
        while part := await answering.part():
            await back.part(await reply.feed(part))
        told = await reply.end()
    except ValueError:
        told = b""  # what came can't be passed on
    await back.part(told, last=True)
