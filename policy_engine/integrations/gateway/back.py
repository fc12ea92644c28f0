"""The way of an answer back to the caller."""

from policy_engine.integrations.exchange import Answer, Reply, Send, send_answer, start_of

__all__ = ["Back"]

_UNBUFFERED = ("x-accel-buffering", "no")
"""What nginx is told, which would wait for more of a stream."""


class Back:
    """Sends what the caller gets.

    Args:
        send: ASGI's.

    Attributes:
        begun: whether some of it has gone out.
        done: whether all of it has.
        streams: whether it is a stream of events, which may end at any time.
    """

    __slots__ = ("_send", "begun", "done", "streams")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = self.done = self.streams = False

    async def whole(self, answer: Answer) -> None:
        """An answer that is there whole."""
        self.begun = self.done = True
        await send_answer(answer, self._send)

    async def begin(self, reply: Reply, *, streams: bool) -> None:
        """The beginning of one that comes by and by."""
        self.begun, self.streams = True, streams
        more = (_UNBUFFERED,) if streams else ()
        await self._send(start_of(reply.status, (*reply.headers, *more)))

    async def part(self, told: bytes, *, last: bool = False) -> None:
        """More of it, at once."""
        if told or last:
            self.done = last
            await self._send({"type": "http.response.body", "body": told, "more_body": not last})
