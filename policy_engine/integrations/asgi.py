"""In front of any ASGI application that is an MCP server: pure ASGI, for whatever serves it.

    app = Guarded(app, engine, "github")

What isn't allowed never reaches the application, lists come back cut to what the caller can use, and a stream
ends when its token does. The application finds the decision in `scope["policy_engine.decision"]`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import suppress
from typing import Any, Final

from policy_engine.engine import PolicyEngine
from policy_engine.integrations.exchange import (
    Admitted,
    Answer,
    Guard,
    ListReply,
    Message,
    Receive,
    Reply,
    Send,
    body_read,
    request_of,
    send_answer,
    start_of,
)

__all__ = ["DECISION", "Guarded"]

DECISION: Final = "policy_engine.decision"
"""Where in the scope an application finds what was decided."""

App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at whether a stream may go on."""


class Guarded:
    """An application behind a guard.

    Args:
        app: the MCP server, and nothing else: every request that comes is taken for one of MCP.
        engine: decides.
        server: the name of the server in its configuration.
        hosts: what `Host` may say; None for anything.
        look_again: seconds between two looks at whether a stream may go on.
    """

    def __init__(
        self,
        app: App,
        engine: PolicyEngine,
        server: str,
        *,
        hosts: Collection[str] | None = None,
        look_again: float = _LOOK_AGAIN,
    ) -> None:
        self._app = app
        self._guard = Guard(engine, server, hosts=hosts)
        self._look_again = look_again

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request, or what else a server has to say (`lifespan`); no WebSocket is let in."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        read = await body_read(receive, self._guard.most)
        if read is None:
            return
        outcome = await self._guard.admit(request_of(scope, read[0]))
        if isinstance(outcome, Answer):
            await send_answer(outcome, send)
            return
        gone = asyncio.ensure_future(receive())
        back = _Back(outcome, send, gone)
        inner = self._app(_inner(scope, outcome), _Again(outcome.body, gone), back.send)
        app = asyncio.ensure_future(_until_gone(inner))
        try:
            while not app.done():
                await asyncio.wait((app,), timeout=self._look_again)
                if back.streams and not app.done() and await outcome.over() is not None:
                    break
        finally:
            gone.cancel()
            if not app.done():
                app.cancel()
            with suppress(asyncio.CancelledError):
                await app
            await back.finish()


class _GoneError(OSError):
    """The caller has gone; what applications are told of by `send` (ASGI 3.0, HTTP, spec version 2.4)."""


async def _until_gone(inner: Awaitable[None]) -> None:
    """Run the application; that it ends because nobody listens any more is no error."""
    with suppress(_GoneError):
        await inner


class _Again:
    """Gives the application the message that was decided on, and afterwards that the caller has gone."""

    __slots__ = ("_body", "_given", "_gone")

    def __init__(self, body: bytes, gone: "asyncio.Future[Message]") -> None:
        self._body = body
        self._gone = gone
        self._given = False

    async def __call__(self) -> Message:
        if self._given:
            return await asyncio.shield(self._gone)
        self._given = True
        return {"type": "http.request", "body": self._body, "more_body": False}


class _Back:
    """Takes what the application answers, and sends what the caller gets of it."""

    __slots__ = ("_admitted", "_collected", "_done", "_gone", "_reply", "_send")

    def __init__(self, admitted: Admitted, send: Send, gone: "asyncio.Future[Message]") -> None:
        self._admitted = admitted
        self._send = send
        self._gone = gone
        self._reply: ListReply | Reply | None = None
        self._collected = bytearray()
        self._done = False

    @property
    def streams(self) -> bool:
        """Whether some of an answer has gone out, and more is to come."""
        return not self._done and self._reply is not None and not isinstance(self._reply, ListReply)

    async def send(self, message: Message) -> None:
        """One message of the application."""
        if self._done:
            return
        if self._gone.done():
            self._done = True
            raise _GoneError
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body":
            await self._body(message.get("body", b""), last=not message.get("more_body", False))

    async def finish(self) -> None:
        """End an answer that the application didn't."""
        if self.streams:
            self._done = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        elif not self._done:
            await self._whole(self._admitted.failed(502))

    async def _begin(self, message: Message) -> None:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
        )
        reply = self._admitted.reply(message["status"], headers)
        if isinstance(reply, Answer):
            await self._whole(reply)
            return
        self._reply = reply
        if not isinstance(reply, ListReply):
            await self._send(start_of(reply.status, reply.headers))

    async def _body(self, chunk: bytes, *, last: bool) -> None:
        reply = self._reply
        if isinstance(reply, ListReply):
            self._collected += chunk
            if last or len(self._collected) > reply.most:
                await self._whole(await reply.answer(bytes(self._collected)))
        elif reply is not None:
            try:
                told = await reply.feed(chunk) + (await reply.end() if last else b"")
            except ValueError:
                told, last = b"", True
            self._done = last
            if told or last:
                await self._send({"type": "http.response.body", "body": told, "more_body": not last})

    async def _whole(self, answer: Answer) -> None:
        self._done = True
        await send_answer(answer, self._send)


def _inner(scope: MutableMapping[str, Any], admitted: Admitted) -> MutableMapping[str, Any]:
    """The scope that the application sees: no credential, and the decision."""
    own = [(b"host", value) for name, value in scope["headers"] if name.lower() == b"host"]
    length = [("content-length", str(len(admitted.body)))] if admitted.body else []
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in (*admitted.headers, *length)]
    return {**scope, "headers": [*own[:1], *headers], DECISION: admitted.decision}
