"""How many requests for tokens are answered, and whose they count as.

Two buckets a request: of the source that it is from, and of the client that it names, from this source. So
nobody can use up from elsewhere what is a client's. A failed authentication counts as several requests.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from policy_engine.authserver.clients import is_client_id

__all__ = ["Rate", "RateLimiter", "RateLimits", "Unlimited", "bucket_of_client"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often something may happen.

    Attributes:
        per_second: as often in the long run.
        burst: as often at once.
    """

    per_second: float
    burst: float

    def within(self, seconds: float) -> float:
        """How often it may happen in a time."""
        return self.burst + self.per_second * seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """What is allowed.

    Attributes:
        client: of one client from one source.
        source: from one source, whatever it names.
        failure_cost: as how many requests a failed authentication counts.
    """

    client: Rate = Rate(per_second=20, burst=200)
    source: Rate = Rate(per_second=100, burst=1000)
    failure_cost: float = 10


class RateLimiter(Protocol):
    """Counts requests, and says which are too many.

    A source is what an adapter takes one sender for: an address, or for IPv6 a network, since each sender has
    many addresses there. What has no known source counts as from one.
    """

    def arrived(self, source: str, now: float) -> float:
        """Count a request, before anything of it is read.

        Args:
            source: where it is from.
            now: seconds since the epoch.

        Returns:
            0.0 if it may go on, else seconds to wait.

        Raises:
            PolicyEngineError: it can't be counted; the request is answered 503.
        """
        ...

    def named(self, source: str, client_id: str, now: float) -> float:
        """Count that it names a client, before anything is proven; like `arrived`.

        It is the same for a name that nobody has: otherwise the limit would tell who is registered.
        """
        ...

    def failed(self, source: str, client_id: str | None, now: float) -> None:
        """Count that the sender couldn't prove to be this client, or named none."""
        ...


class Unlimited:
    """Counts nothing."""

    __slots__ = ()

    def arrived(self, _source: str, _now: float) -> float:
        """Let it go on."""
        return 0.0

    def named(self, _source: str, _client_id: str, _now: float) -> float:
        """Let it go on."""
        return 0.0

    def failed(self, _source: str, _client_id: str | None, _now: float) -> None:
        """Forget it."""


_NO_CLIENT: Final = "?"
"""In place of what can't be a client's id, so that a bucket's name is short."""


def bucket_of_client(source: str, client_id: str) -> tuple[str, str]:
    """The bucket of a client from a source; names that nobody can have share one."""
    return source, client_id if is_client_id(client_id) else _NO_CLIENT
