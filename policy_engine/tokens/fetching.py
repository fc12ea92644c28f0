"""What a step of verification may ask of the world, as values: one request, and what became of it.

Stage 1 does no input or output itself. It is a generator that yields a `Fetch` where it needs one, or a
`Wait` where somebody else fetches the same already, so that one core serves threads and event loops alike
(`drivers`).
"""

from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeVar

__all__ = [
    "MAX_BODY_BYTES",
    "WAITED",
    "AsyncFetcher",
    "Fetch",
    "FetchFailed",
    "FetchResult",
    "Fetched",
    "Fetcher",
    "Steps",
    "Wait",
]

MAX_BODY_BYTES: Final = 1024 * 1024
"""Of a key set or a metadata document; real ones have a few kilobytes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask this URL for JSON; follow no redirect.

    Attributes:
        url: absolute.
        method: of HTTP.
        headers: names and values besides the fetcher's own; they may hold a secret, and aren't shown.
        body: of a POST; it may hold a token, and isn't shown.
        max_bytes: that the answer's body may have.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    max_bytes: int = MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer came, whatever its status."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """No whole answer came.

    Attributes:
        reason: `not_a_url`, `timeout`, `connection`, `too_large`, `encoded`.
        note: more of it for the operator, where there is more to say; nothing that the other side wrote.
    """

    reason: str
    note: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Both, for a sentence."""
        return f"{self.reason}: {self.note}" if self.note else self.reason


FetchResult = Fetched | FetchFailed


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for what another thread or task does; whoever asked looks for itself what came of it.

    Attributes:
        until: done when that is.
        seconds: to wait at most.
    """

    until: Future[None]
    seconds: float


WAITED: Final = FetchFailed("waited")
"""What is sent back for a `Wait`, however that ended."""

Steps = Generator[Fetch | Wait, FetchResult, T]
"""A computation that may need the network: it yields requests, is sent their results, and returns a value."""


class Fetcher(Protocol):
    """Where a thread gets documents from."""

    def fetch(self, request: Fetch, /) -> FetchResult:
        """Send a request; never raises for what the other side does."""
        ...


class AsyncFetcher(Protocol):
    """Where an event loop gets documents from."""

    async def fetch(self, request: Fetch, /) -> FetchResult:
        """Send a request; never raises for what the other side does."""
        ...
