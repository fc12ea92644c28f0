"""Fetch over HTTP: one request, little time, little memory.

What is underneath follows no redirect, asks no proxy, keeps no cookie and unpacks no body, since it can't.
The address is the one that `parse_url` read: there is no second reading of it. One span of time covers
connecting, headers and body, so that an answer that comes byte by byte ends like one that doesn't come. The
body is counted while it arrives.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from functools import cache
from typing import Final

import httpcore2
import httpx2

from policy_engine.tokens.deadline import AsyncDeadlineNetwork, Clock, Deadline, DeadlineNetwork
from policy_engine.tokens.fetching import Fetch, Fetched, FetchFailed, FetchResult
from policy_engine.tokens.urls import Url, parse_url

__all__ = ["TIMEOUT_SECONDS", "AsyncHttpFetcher", "HttpFetcher"]

TIMEOUT_SECONDS: Final = 5.0
"""From asking to the last byte of the answer."""


class HttpFetcher:
    """Fetches in the calling thread; many threads may share one.

    The host's name is resolved by the system, in the time that it takes for that; the rest has a deadline.

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
        self._ssl_context = ssl_context
        self._timeout = timeout
        self._clock = clock

    def fetch(self, request: Fetch, /) -> FetchResult:
        """Send a request."""
        address = parse_url(request.url)
        if address is None:
            return FetchFailed("not_a_url")
        trusted = _trusted(address, self._ssl_context)
        network = DeadlineNetwork(Deadline(self._timeout, self._clock))
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=trusted, network_backend=network) as pool,
                pool.stream(
                    request.method,
                    _target(address),
                    headers=_headers(address, request),
                    content=request.body or None,
                ) as response,
            ):
                body = _Body(response, request.max_bytes)
                for chunk in response.iter_stream():
                    body.add(chunk)
                return body.result()
        except _FAILURES as error:
            return _failed(error)

    def close(self) -> None:
        """Do nothing: no connection outlives its fetch."""


class AsyncHttpFetcher:
    """Fetches without blocking the event loop; many loops may share one.

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
        self._ssl_context = ssl_context
        self._timeout = timeout
        self._clock = clock

    async def fetch(self, request: Fetch, /) -> FetchResult:
        """Send a request."""
        address = parse_url(request.url)
        if address is None:
            return FetchFailed("not_a_url")
        trusted = _trusted(address, self._ssl_context)
        network = AsyncDeadlineNetwork(Deadline(self._timeout, self._clock))
        try:
            async with (
                httpcore2.AsyncConnectionPool(ssl_context=trusted, network_backend=network) as pool,
                pool.stream(
                    request.method,
                    _target(address),
                    headers=_headers(address, request),
                    content=request.body or None,
                ) as response,
            ):
                body = _Body(response, request.max_bytes)
                async for chunk in response.aiter_stream():
                    body.add(chunk)
                return body.result()
        except _FAILURES as error:
            return _failed(error)

    async def close(self) -> None:
        """Do nothing: no connection outlives its fetch."""


class _FetchError(Exception):
    """An answer that isn't read to its end; the message is the reason."""


# Beyond its own errors, the client lets some of the layers below pass: ValueError (UnicodeError) for hosts
# that DNS can't have, OSError for those that it doesn't, groups of errors from an event loop, and
# RuntimeError where that loop is closing.
_FAILURES: Final = (
    _FetchError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    RuntimeError,
    OSError,
    ValueError,
    ExceptionGroup,
)


class _Body:
    """A body as it arrives; stops it where it is packed, or too large."""

    def __init__(self, response: httpcore2.Response, max_bytes: int) -> None:
        for name, value in response.headers:
            if name.lower() == b"content-encoding" and value.lower() != b"identity":
                raise _FetchError("encoded")
        self._status = response.status
        self._max_bytes = max_bytes
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._max_bytes:
            raise _FetchError("too_large")
        self._chunks.append(chunk)

    def result(self) -> Fetched:
        return Fetched(self._status, b"".join(self._chunks))


def _trusted(address: Url, ssl_context: ssl.SSLContext | None) -> ssl.SSLContext | None:
    if ssl_context is None and address.scheme == "https":
        return _public_certificates()
    return ssl_context


@cache
def _public_certificates() -> ssl.SSLContext:
    """The system's certificates, and none that a variable names; loading them takes a while."""
    return httpx2.create_ssl_context(trust_env=False)


def _target(address: Url) -> httpcore2.URL:
    host = address.host.strip("[]")
    return httpcore2.URL(scheme=address.scheme, host=host, port=address.port, target=address.path or "/")


def _headers(address: Url, request: Fetch) -> dict[bytes | str, bytes | str]:
    # RFC 9112 section 3.2: as the authority is written, brackets included.
    host = address.host if address.default_port else f"{address.host}:{address.port}"
    headers: dict[bytes | str, bytes | str] = dict(request.headers)
    return headers | {"Host": host, "Accept": "application/json", "Accept-Encoding": "identity"}


def _failed(error: Exception) -> FetchFailed:
    match error:
        case _FetchError():
            return FetchFailed(str(error))
        case httpcore2.TimeoutException():
            return FetchFailed("timeout")
        case _:
            notes = (note for cause in _causes(error) if (note := _note(cause)))
            return FetchFailed("connection", next(notes, ""))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and what that was."""
    while error is not None:
        yield error
        yield from error.exceptions if isinstance(error, ExceptionGroup) else ()
        error = error.__cause__ or error.__context__


def _note(error: BaseException) -> str:
    """What an operator can do something about, in words of the libraries' and our own."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"the certificate isn't accepted: {error.verify_message}"
        case ssl.SSLError():
            return "it doesn't speak TLS as it should"
        case socket.gaierror():
            return "the host's name isn't known"
        case ConnectionRefusedError():
            return "nobody listens there"
        case _:
            return ""
