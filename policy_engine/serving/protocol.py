"""uvicorn's HTTP/1.1, with a deadline for all that it waits for without one, and an answer in one piece."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from policy_engine.serving.connections import Connections
from policy_engine.serving.heads import may_be_misread

__all__ = ["CONNECTION", "BoundedProtocol"]

CONNECTION: Final = "policy_engine.connection"
"""Under which extension of ASGI an application finds the connection: `ending`, and `give_up()`."""

_SECONDS: Final = 10

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of a socket whose closing resets the connection."""


class BoundedProtocol(H11Protocol):
    """One connection.

    It is closed where no request is whole in time, however busily bytes trickle in, and where what was sent
    isn't read in time. A request in which another reader may see another one is refused.

    Args:
        connections: where it is counted.
        arguments: uvicorn's.
    """

    seconds: float = _SECONDS
    ending: bool = False
    """Whether the server ends, and what has no end of its own should."""
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, counted: Connections, **named: Any) -> None:  # noqa: ANN401 -- uvicorn's
        super().__init__(*arguments, **named)
        self._counted = counted
        self.peer = ""
        self._application, self.app = self.app, self._called

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 -- what the event loop gives
        """Begin to wait for the first request."""
        super().connection_made(_Gathering(transport, self.loop, self._closing))  # type: ignore[arg-type]  # all of it that is used
        self.peer = "" if self.client is None else self.client[0]
        self._set_deadline()
        self._counted.enter(self, self.loop)

    def data_received(self, data: bytes) -> None:
        """Go on waiting, unless there is a whole request now."""
        super().data_received(data)
        if self._waits():
            self._set_deadline()
            self._counted.waits(self)
        else:
            self._drop_deadline()
            self._counted.works(self)

    def handle_events(self) -> None:
        """Look at the head of a request before it is read, in the bytes that came."""
        if self.conn.their_state is h11.IDLE and may_be_misread(self.conn.trailing_data[0]):
            self.send_400_response("Invalid HTTP request received.")
            return
        super().handle_events()

    def shutdown(self) -> None:
        """Answer what was asked, and nothing more."""
        self.ending = True
        super().shutdown()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of it if its beginning came together with this one."""
        super().on_response_complete()
        if not self._waits():
            return
        self._counted.waits(self)
        if not self.cycle.response_complete:
            self._set_deadline()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._counted.waits(self)
        self._closing()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._drop_unread()
            if not self._waits():
                self._counted.works(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._counted.leave(self)
        self._drop_deadline()
        super().connection_lost(exc)
        self._drop_unread()

    def give_up(self) -> None:
        """Close it at once, whatever was to be sent."""
        if self._unread is not None:
            # The system would go on offering to the client what it has taken over, for minutes.
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    async def _called(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 -- uvicorn's
        scope["extensions"] = {CONNECTION: self}
        await self._application(scope, receive, send)

    def _waits(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body

    def _closing(self) -> None:
        """Set a deadline for what was sent to be read; a transport that closes would wait for ever."""
        if self._unread is None:
            self._unread = self.loop.call_later(self.seconds, self.give_up)

    def _drop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _set_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self._too_late)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        self.transport.close()


class _Gathering:
    """A transport that sends what is written at one go together: head, body and end of an answer.

    uvicorn writes them one by one, and each would be a system call and a packet of its own.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, closing: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._loop = loop
        self._closing = closing
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever a transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it, with what else is written before the event loop goes on."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Close, after all that was written."""
        self._flush()
        self._transport.close()
        self._closing()

    def _flush(self) -> None:
        data, self._parts = b"".join(self._parts), []
        if data:
            self._transport.write(data)
