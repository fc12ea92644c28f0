"""The connections of one process: how many there may be, of whom, and which goes when another comes."""

import asyncio
import errno
import logging
import math
import resource
import time
from collections import Counter
from typing import Any, Final, Protocol

from policy_engine.serving.source import TrustedProxies

__all__ = ["BACKLOG", "Connections", "most_connections"]

_LOG: Final = logging.getLogger(__name__)

BACKLOG: Final = 128
"""Connections that the system keeps until they are taken; as many are taken at one go."""

_SPARE: Final = 64 + BACKLOG
"""File descriptors for everything else, and for what is taken before one looks whether it may stay."""

_FEWEST: Final = 16
_MOST: Final = 16_384

_PARTS: Final = 4
"""One source may have one of so many parts of all connections."""

_TELL_SECONDS: Final = 60.0

_FULL: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def most_connections(*, raised: bool) -> int:
    """How many connections the file descriptors of this process suffice for.

    Args:
        raised: whether to raise the limit first, as far as that is allowed.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + _SPARE
    if raised and soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return _MOST
    return max(_FEWEST, min(_MOST, soft - _SPARE))


class Connection(Protocol):
    """What is known of one."""

    peer: str

    def give_up(self) -> None:
        """Close it at once, whatever was to be sent."""
        ...


class Connections:
    """Keeps count of connections.

    One that comes when there are as many as there may be takes the place of the one that has waited longest
    for a request, or for its client to read an answer; so whoever asks at once is answered, however many
    connect and are silent. One is only turned away where all others are being answered.

    Args:
        most: how many there may be.
        proxies: who may have as many as there are.
    """

    def __init__(self, most: int, proxies: TrustedProxies) -> None:
        self._most = most
        self._of_one = max(1, most // _PARTS)
        self._proxies = proxies
        self._by_source: Counter[str] = Counter()
        self._source_of: dict[Connection, str] = {}
        self._idle: dict[Connection, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = -math.inf

    def enter(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Count a new one in, or give it up; or the one whose place it takes."""
        if loop is not self._loop:
            self._loop = loop
            loop.set_exception_handler(self._failed)
        source = self._proxies.source(connection.peer, ())
        if self._by_source[source] >= self._of_one and not self._proxies.trusts(connection.peer):
            connection.give_up()
            return
        if len(self._source_of) >= self._most:
            if not self._idle:
                connection.give_up()
                return
            longest = next(iter(self._idle))
            self.leave(longest)
            longest.give_up()
        self._source_of[connection] = source
        self._by_source[source] += 1
        self._idle[connection] = None

    def leave(self, connection: Connection) -> None:
        """Count one out; once is enough."""
        self._idle.pop(connection, None)
        source = self._source_of.pop(connection, None)
        if source is None:
            return
        self._by_source[source] -= 1
        if not self._by_source[source]:
            del self._by_source[source]

    def waits(self, connection: Connection) -> None:
        """Note that one waits for its client, from now on if it didn't already."""
        if connection in self._source_of:
            self._idle.setdefault(connection)

    def works(self, connection: Connection) -> None:
        """Note that one is being answered."""
        self._idle.pop(connection, None)

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Tell once a minute that no connection can be taken; asyncio would tell it thousands of times."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _FULL or "socket" not in context:
            loop.default_exception_handler(context)
            return
        if time.monotonic() - self._told >= _TELL_SECONDS:
            self._told = time.monotonic()
            _LOG.error("no connection can be taken: %s", errno.errorcode.get(error.errno or 0, "unknown"))
