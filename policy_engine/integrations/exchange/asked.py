"""What was asked, of whom and by whom: all that is needed to decide on it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.engine import FilteredList, PolicyEngine
from policy_engine.model import Decision, HttpFacts

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request.

    Attributes:
        engine: decides.
        server: whom it is meant for.
        token: the bearer's.
        message: the body of a POST; None for GET and DELETE.
        http: what is known of the HTTP request.
    """

    engine: PolicyEngine = field(repr=False)
    server: str
    token: str | None = field(repr=False)
    message: bytes | None = field(repr=False)
    http: HttpFacts = field(repr=False)

    async def decided(self, *, record: bool = True) -> Decision:
        """What is decided of it now."""
        return await self.engine.evaluate_async(
            self.token, self.message, server=self.server, http=self.http, record=record
        )

    async def filtered(self, answer: bytes) -> FilteredList:
        """The server's answer to it, less what the caller can never use."""
        return await self.engine.filter_list_async(
            self.token, self.message, answer, self.server, http=self.http
        )

    async def filtered_of(self, message: Mapping[str, Any], answer: bytes) -> FilteredList:
        """An answer to another message of the same caller, which comes by this way."""
        http = HttpFacts(url=self.http.url, headers=self.http.headers)
        return await self.engine.filter_list_async(self.token, message, answer, self.server, http=http)
