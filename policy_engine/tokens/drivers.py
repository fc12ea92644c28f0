"""Run steps to their end: in a thread, or in an event loop."""

from typing import TypeVar

from policy_engine.tokens.fetching import AsyncFetcher, Fetcher, Steps

__all__ = ["drive", "drive_async"]

T = TypeVar("T")


def drive(steps: Steps[T], fetcher: Fetcher) -> T:
    """Run steps to their end, waiting for each fetch.

    Raises:
        PolicyEngineError: whatever the steps raise.
    """
    try:
        request = next(steps)
        while True:
            request = steps.send(fetcher.fetch(request.url))
    except StopIteration as end:
        value: T = end.value
        return value


async def drive_async(steps: Steps[T], fetcher: AsyncFetcher) -> T:
    """Run steps to their end, letting others run during each fetch.

    Raises:
        PolicyEngineError: whatever the steps raise.
    """
    try:
        request = next(steps)
        while True:
            request = steps.send(await fetcher.fetch(request.url))
    except StopIteration as end:
        value: T = end.value
        return value
