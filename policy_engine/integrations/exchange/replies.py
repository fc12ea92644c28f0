"""What a server's answer passes through on its way to the caller."""

from typing import Protocol

from policy_engine.integrations.exchange.messages import Headers

__all__ = ["PlainReply", "Reply"]


class Reply(Protocol):
    """An answer that is passed on while it comes.

    Attributes:
        status: its status.
        headers: its headers.
    """

    @property
    def status(self) -> int:
        """The status of the answer."""
        ...

    @property
    def headers(self) -> Headers:
        """Its headers."""
        ...

    async def feed(self, chunk: bytes) -> bytes:
        """What to send on, now that this has come; perhaps nothing yet.

        Raises:
            ValueError: what comes can't be passed on, and the stream has to end.
        """
        ...

    async def end(self) -> bytes:
        """What to send on at the end; likewise."""
        ...


class PlainReply:
    """Passes on what comes, as it comes."""

    __slots__ = ("headers", "status")

    def __init__(self, *, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = headers

    async def feed(self, chunk: bytes) -> bytes:
        """All of it."""
        return chunk

    async def end(self) -> bytes:
        """Nothing more."""
        return b""
