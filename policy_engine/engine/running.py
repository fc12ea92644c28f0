"""Runs the pipeline to its end, in a thread or in an event loop; holds what fetching takes."""

from policy_engine.config import Stages
from policy_engine.engine.draft import Draft
from policy_engine.engine.pipeline import Message, decide, decide_at_once, identify
from policy_engine.model import Decision, HttpFacts, Identity, Principal
from policy_engine.tokens import AsyncHttpFetcher, HttpFetcher, drive, drive_async

__all__ = ["Runner", "Who"]

Who = str | Identity | None
"""The bearer token alone, or who asks where that is known without one."""


class Runner:
    """Decides on messages; many threads and an event loop may share one."""

    def __init__(self) -> None:
        self._fetcher = HttpFetcher()
        self._async_fetcher = AsyncHttpFetcher()

    def decide(self, draft: Draft, who: Who, message: Message, http: HttpFacts | None) -> Decision:
        """The decision; only keys that aren't known yet, and opaque tokens, make it wait for the network."""
        decision = decide_at_once(draft, who, message, http)
        return drive(decide(draft, who, message, http), self._fetcher) if decision is None else decision

    async def decide_async(
        self, draft: Draft, who: Who, message: Message, http: HttpFacts | None
    ) -> Decision:
        """The same, for an event loop."""
        decision = decide_at_once(draft, who, message, http)
        if decision is None:
            decision = await drive_async(decide(draft, who, message, http), self._async_fetcher)
        return decision

    def identify(self, stages: Stages, server: str | None, token: str) -> Principal:
        """Who a token speaks for; raises what `pipeline.identify` does."""
        return drive(identify(stages, server, token), self._fetcher).principal

    def close(self) -> None:
        """Give back what fetching took, in threads."""
        self._fetcher.close()

    async def aclose(self) -> None:
        """The same, in an event loop."""
        self._fetcher.close()
        await self._async_fetcher.close()
