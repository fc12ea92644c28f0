"""Run steps to their end: in a thread, or in an event loop.

Steps that are given up, since a fetcher raised or the task was cancelled, are closed at once: what they hold
for others is let go of.
"""

import asyncio
from concurrent.futures import wait
from contextlib import closing
from typing import TypeVar

from policy_engine.tokens.fetching import WAITED, AsyncFetcher, Fetcher, FetchResult, Steps, Wait

__all__ = ["drive", "drive_async"]

T = TypeVar("T")


def drive(steps: Steps[T], fetcher: Fetcher) -> T:
    """Run steps to their end, waiting for each fetch.

    Raises:
        PolicyEngineError: whatever the steps raise.
    """
    with closing(steps):
        try:
            request = next(steps)
            while True:
                if isinstance(request, Wait):
                    wait([request.until], request.seconds)
                    request = steps.send(WAITED)
                else:
                    request = steps.send(fetcher.fetch(request))
        except StopIteration as end:
            value: T = end.value
            return value


async def drive_async(steps: Steps[T], fetcher: AsyncFetcher) -> T:
    """Run steps to their end, letting others run during each fetch.

    Raises:
        PolicyEngineError: whatever the steps raise.
    """
    with closing(steps):
        try:
            request = next(steps)
            while True:
                if isinstance(request, Wait):
                    request = steps.send(await _waited(request))
                else:
                    request = steps.send(await fetcher.fetch(request))
        except StopIteration as end:
            value: T = end.value
            return value


async def _waited(request: Wait) -> FetchResult:
    here = asyncio.wrap_future(request.until)
    try:
        await asyncio.wait([here], timeout=request.seconds)
    finally:
        here.cancel()  # only this loop's view of it: what others wait for as well can't be cancelled
    return WAITED
