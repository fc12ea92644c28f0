"""Fetch over HTTP: GET, no redirects, no proxies from the environment, little time, little memory.

The body is counted while it arrives, and taken as it is: a compressed one could unpack to anything.
"""

import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import httpx2

from policy_engine.tokens.fetching import MAX_BODY_BYTES, Fetched, FetchFailed, FetchResult
from policy_engine.tokens.urls import parse_url

__all__ = ["TIMEOUT_SECONDS", "AsyncHttpFetcher", "HttpFetcher"]

TIMEOUT_SECONDS: Final = 5.0
"""For connecting, for each read, and between the first and the last byte of a body."""

Clock = Callable[[], float]
C = TypeVar("C")


class HttpFetcher:
    """Fetches in the calling thread; many threads may share one.

    Args:
        ssl_context: certificates to trust; by default the public ones.
        timeout: seconds; see `TIMEOUT_SECONDS`.
        clock: seconds, never running backwards.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
        clock: Clock = time.monotonic,
    ) -> None:
        options = _options(ssl_context, timeout)
        self._client = _Lazy(lambda: httpx2.Client(**options))
        self._timeout = timeout
        self._clock = clock

    def fetch(self, url: str, /) -> FetchResult:
        """GET a URL."""
        if parse_url(url) is None:
            return FetchFailed("not_a_url")
        try:
            with self._client.get().stream("GET", url) as response:
                body = _Body(response, self._timeout, self._clock)
                for chunk in response.iter_raw():
                    body.add(chunk)
                return body.result()
        except _FAILURES as error:
            return _failed(error)

    def close(self) -> None:
        """Close all connections; a later fetch opens new ones."""
        client = self._client.take()
        if client is not None:
            client.close()


class AsyncHttpFetcher:
    """Fetches without blocking the event loop.

    Args:
        ssl_context: certificates to trust; by default the public ones.
        timeout: seconds; see `TIMEOUT_SECONDS`.
        clock: seconds, never running backwards.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
        clock: Clock = time.monotonic,
    ) -> None:
        options = _options(ssl_context, timeout)
        self._client = _Lazy(lambda: httpx2.AsyncClient(**options))
        self._timeout = timeout
        self._clock = clock

    async def fetch(self, url: str, /) -> FetchResult:
        """GET a URL."""
        if parse_url(url) is None:
            return FetchFailed("not_a_url")
        try:
            async with self._client.get().stream("GET", url) as response:
                body = _Body(response, self._timeout, self._clock)
                async for chunk in response.aiter_raw():
                    body.add(chunk)
                return body.result()
        except _FAILURES as error:
            return _failed(error)

    async def close(self) -> None:
        """Close all connections; a later fetch opens new ones."""
        client = self._client.take()
        if client is not None:
            await client.aclose()


class _Lazy(Generic[C]):
    """A client that is made when it is first needed: loading certificates takes a while."""

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._made: C | None = None
        self._lock = threading.Lock()

    def get(self) -> C:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def take(self) -> C | None:
        with self._lock:
            made, self._made = self._made, None
            return made


class _FetchError(Exception):
    """An answer that isn't read to its end; the message is the reason."""


# Beyond its own errors, the client lets some of the layers below pass: RuntimeError where it was closed
# meanwhile, ValueError (UnicodeError) for hosts that DNS can't have, and groups of errors from an event loop.
_FAILURES: Final = (
    _FetchError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    RuntimeError,
    OSError,
    ValueError,
    ExceptionGroup,
)


class _Body:
    """A body as it arrives; stops it where it is too large or too slow."""

    def __init__(self, response: httpx2.Response, timeout: float, clock: Clock) -> None:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _FetchError("encoded")
        self._status = response.status_code
        self._clock = clock
        self._deadline = clock() + timeout
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            raise _FetchError("too_large")
        # The client times each read; this ends an answer that comes byte by byte.
        if self._clock() > self._deadline:
            raise _FetchError("timeout")
        self._chunks.append(chunk)

    def result(self) -> Fetched:
        return Fetched(self._status, b"".join(self._chunks))


def _options(ssl_context: ssl.SSLContext | None, timeout: float) -> dict[str, Any]:
    return {
        "headers": {"Accept": "application/json", "Accept-Encoding": "identity"},
        "timeout": httpx2.Timeout(timeout),
        "follow_redirects": False,
        "trust_env": False,
        # A connection that outlives a fetch would tie the client to one event loop, and keys are fetched
        # too seldom to gain from one.
        "limits": httpx2.Limits(max_connections=20, max_keepalive_connections=0),
        "verify": True if ssl_context is None else ssl_context,
    }


def _failed(error: Exception) -> FetchFailed:
    match error:
        case _FetchError():
            return FetchFailed(str(error))
        case httpx2.TimeoutException():
            return FetchFailed("timeout")
        case _:
            return FetchFailed("connection")
