"""uvicorn's HTTP/1.1, with a deadline for what it waits for without one, and an answer in one piece."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

__all__ = ["BoundedProtocol"]

_SECONDS: Final = 10


class BoundedProtocol(H11Protocol):
    """One connection; it is closed where no request is whole in time, however busily bytes trickle in."""

    seconds: float = _SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 -- what the event loop gives
        """Begin to wait for the first request."""
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]  # all of it that is used
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, unless there is a whole request now."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            self._set_deadline()
        else:
            self._drop_deadline()

    def on_response_complete(self) -> None:
        """Wait for the rest of the next request, if its beginning came together with this one."""
        super().on_response_complete()
        if not self.cycle.response_complete and self.cycle.more_body:
            self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._drop_deadline()
        super().connection_lost(exc)

    def _set_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self._give_up)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self.transport.close()


class _Gathering:
    """A transport that sends what is written at one go together: head, body and end of an answer.

    uvicorn writes them one by one, and each would be a system call and a packet of its own.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
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

    def _flush(self) -> None:
        data, self._parts = b"".join(self._parts), []
        if data:
            self._transport.write(data)
