"""An MCP server behind the gateway, and what is asked of it: one request, one answer, nothing remembered.

There are no redirects, no cookies, no proxies of the environment and no second tries here: the transport of
`httpx2` has none of these.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import httpx2

from policy_engine.integrations.exchange import Headers

__all__ = ["Answering", "Timeouts", "Upstream", "UpstreamError"]

_BAD: Final = 502
_BUSY: Final = 503
_LATE: Final = 504

_KEEP_SECONDS: Final = 2.0
"""Servers close connections that are idle, uvicorn after five seconds; a request that meets that is lost."""


class UpstreamError(Exception):
    """A server that gave no answer, or only half of one.

    Attributes:
        status: what that is to the caller.
        why: for the log, in words of ours.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a server is waited for, in seconds.

    Attributes:
        connect: for a connection, and for one to be free.
        first_byte: for the head of an answer; for a list, for all of it.
        idle: for more of an answer.
    """

    connect: float = 5.0
    first_byte: float = 120.0
    idle: float = 900.0


class Answering:
    """An answer whose head is there.

    Attributes:
        status: its status.
        headers: its headers.
    """

    __slots__ = ("_parts", "_timeouts", "headers", "status")

    def __init__(self, response: httpx2.Response, timeouts: Timeouts) -> None:
        self.status = response.status_code
        self.headers: Headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
        )
        self._timeouts = timeouts
        self._parts = _parts(response)

    @property
    def streams(self) -> bool:
        """Whether it is a stream of events."""
        media = (value for name, value in self.headers if name.lower() == "content-type")
        return next(media, "").partition(";")[0].strip().lower() == "text/event-stream"

    async def part(self) -> bytes:
        """More of its body, as it comes; nothing at the end.

        Raises:
            UpstreamError: it ends in the middle, or nothing comes.
        """
        with _told():
            async with asyncio.timeout(self._timeouts.idle):
                return await anext(self._parts, b"")

    async def beginning(self, most: int) -> tuple[bytes, bool]:
        """Its body up to so many bytes and a few more; and whether that is all of it. Raises the same."""
        whole = bytearray()
        while len(whole) <= most:
            part = await self.part()
            if not part:
                return bytes(whole), True
            whole += part
        return bytes(whole), False

    async def aclose(self) -> None:
        """Read no further."""
        await self._parts.aclose()

    async def whole(self, most: int) -> bytes:
        """All of its body, in the time that an answer may take to begin; more than so much isn't read."""
        with _told():
            async with asyncio.timeout(self._timeouts.first_byte):
                body, _ = await self.beginning(most)
        return body


class Upstream:
    """One server.

    Args:
        url: its endpoint.
        bearer: tells the gateway's own token; None where it has none.
        timeouts: how long it is waited for.
        tls: how TLS is spoken with it.
        connections: how many there may be at a time.
    """

    def __init__(
        self,
        url: str,
        *,
        bearer: Callable[[], str] | None = None,
        timeouts: Timeouts,
        tls: ssl.SSLContext | None = None,
        connections: int = 200,
    ) -> None:
        self._url = httpx2.URL(url)
        self._bearer = bearer
        self._timeouts = timeouts
        limits = httpx2.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_SECONDS,
        )
        self._transport = httpx2.AsyncHTTPTransport(
            verify=tls if tls is not None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            limits=limits,
        )

    @asynccontextmanager
    async def asked(self, method: str, headers: Headers, body: bytes) -> AsyncIterator[Answering]:
        """Ask, and have the answer while the context lasts.

        Raises:
            UpstreamError: there is none that could be passed on.
        """
        request = self._request(method, headers, body)
        with _told():
            async with asyncio.timeout(self._timeouts.first_byte):
                response = await self._transport.handle_async_request(request)
        answering = Answering(response, self._timeouts)
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise UpstreamError(_BAD, "its answer is encoded, which it wasn't asked for")
            yield answering
        finally:
            # A connection on which the rest of an answer would come is closed, however that goes.
            with suppress(httpx2.HTTPError, OSError):
                await answering.aclose()
                await response.aclose()

    async def aclose(self) -> None:
        """Close all connections; what is under way on them ends."""
        await self._transport.aclose()

    def _request(self, method: str, headers: Headers, body: bytes) -> httpx2.Request:
        told = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]
        if self._bearer is not None:
            told.append((b"authorization", f"Bearer {self._bearer()}".encode("ascii")))
        wait = {"connect": self._timeouts.connect, "pool": self._timeouts.connect}
        return httpx2.Request(
            method,
            self._url,
            headers=told,
            content=body if method == "POST" else None,
            extensions={"timeout": wait},
        )


async def _parts(response: httpx2.Response) -> AsyncGenerator[bytes, None]:
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101 -- what an async transport gives
    async for part in stream:
        if part:
            yield part


class _told:  # noqa: N801 -- used as a function
    """Say in our words what went wrong; what libraries say may quote what was sent."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case httpx2.PoolTimeout():
                raise UpstreamError(_BUSY, "all its connections are in use") from None
            case TimeoutError() | httpx2.TimeoutException():
                raise UpstreamError(_LATE, f"it doesn't answer in time ({type(error).__name__})") from None
            case httpx2.HTTPError() | OSError():
                raise UpstreamError(_BAD, f"it gives no whole answer ({type(error).__name__})") from None
            case _:
                pass
