"""What a step of verification may ask of the world, as values: one GET, and what became of it.

Stage 1 does no input or output itself. It is a generator that yields a `Fetch` where it needs one, so that
one core serves threads and event loops alike (`drivers`).
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

__all__ = [
    "MAX_BODY_BYTES",
    "AsyncFetcher",
    "Fetch",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Fetcher",
    "Steps",
]

MAX_BODY_BYTES: Final = 1024 * 1024
"""Of a key set or a metadata document; real ones have a few kilobytes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetch:
    """GET this URL; follow no redirect."""

    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer came, whatever its status."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No whole answer came: `not_a_url`, `timeout`, `connection`, `too_large`, `encoded`."""

    reason: str


FetchResult = Fetched | FetchFailed

Steps = Generator[Fetch, FetchResult, T]
"""A computation that may need the network: it yields requests, is sent their results, and returns a value."""


class Fetcher(Protocol):
    """Where a thread gets documents from."""

    def fetch(self, url: str, /) -> FetchResult:
        """GET a URL; never raises for what the other side does."""
        ...


class AsyncFetcher(Protocol):
    """Where an event loop gets documents from."""

    async def fetch(self, url: str, /) -> FetchResult:
        """GET a URL; never raises for what the other side does."""
        ...
