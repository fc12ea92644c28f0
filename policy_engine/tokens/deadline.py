"""A network that gives everything it does together one span of time, for threads and for event loops.

A client that times each wait by itself waits for ever on a server that sends a byte now and then, in its
headers or between them (`100 Continue`). Here each wait gets what is left of the whole, whatever it asks for.
Every wait of a connection goes through one of these methods; closing doesn't wait.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

__all__ = ["AsyncDeadlineNetwork", "Clock", "Deadline", "DeadlineNetwork"]

Clock = Callable[[], float]


class Deadline:
    """When all has to be over.

    Args:
        seconds: from now.
        clock: seconds, never running backwards.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """The seconds that are left; more than none.

        Raises:
            httpcore2.TimeoutException: none are.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise httpcore2.TimeoutException
        return left


class DeadlineNetwork(httpcore2.NetworkBackend):
    """TCP connections that end with a deadline.

    Resolving a name is the one wait that a thread can't bound: it takes what the system's resolver allows it.

    Args:
        deadline: when all has to be over.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 -- the deadline counts, here and below
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that answers.

        Raises:
            httpcore2.TimeoutException: none does in time.
            httpcore2.ConnectError: none does.
            OSError: the host has no address.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        problem: Exception = httpcore2.ConnectError()
        for tried, address in enumerate(addresses):
            # An address that swallows packets leaves the others their share.
            share = self._deadline.left() / (len(addresses) - tried)
            try:
                stream = self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _Stream(stream, self._deadline)
        raise problem


class AsyncDeadlineNetwork(httpcore2.AsyncNetworkBackend):
    """The same for an event loop, which can bound the resolving of names, too.

    Args:
        deadline: when all has to be over.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 -- the base class has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a host that answers; all are tried, one soon after another.

        Raises:
            httpcore2.TimeoutException: none does in time.
            httpcore2.ConnectError: none does.
            OSError: the host has no address.
        """
        left = self._deadline.left()
        connecting = self._network.connect_tcp(host, port, left, local_address, socket_options)
        return _AsyncStream(await connecting, self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        except BaseException:
            self.close()  # nobody else does, where it is our deadline that is over
            raise
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 -- the base class has it
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class _AsyncStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109
        return await self._stream.read(max_bytes, self._deadline.left())

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        await self._stream.write(buffer, self._deadline.left())

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        try:
            stream = await self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        except BaseException:
            await self.aclose()  # nobody else does, where the task is cancelled
            raise
        return _AsyncStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 -- the base class has it
        return self._stream.get_extra_info(info)

    async def aclose(self) -> None:
        await self._stream.aclose()
