"""What an MCP server says, counted while it comes, read strictly, and written anew for the SDK.

Our parser and the SDK's differ on duplicate members, NaN and the like. What the SDK gets is what our parser
read, so a list that is pinned has one meaning.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import httpx2

from policy_engine.errors import ConfigError
from policy_engine.model.strict_json import JsonError, dumps, parse

__all__ = ["BY_HAND", "UNREACHABLE", "Limits", "Watch", "watched_client"]

BY_HAND = "save its tools/list yourself, and name that file"
"""How to mend what can't be mended here."""

UNREACHABLE = (httpx2.HTTPError, httpx2.InvalidURL, OSError)
"""What connecting to a server may raise."""

_AMBIGUOUS = "have the server mended: readers don't agree on such a text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server may cost.

    Attributes:
        seconds: for everything, from connecting to the last page.
        bytes: everything that it says.
        pages: of each of its lists.
        items: on all pages of each.
    """

    seconds: float = 30.0
    bytes: int = 16 * 1024 * 1024
    pages: int = 100
    items: int = 5_000


class Watch:
    """Counts and reads what a server says, and remembers why it was cut off: the SDK swallows exceptions.

    Attributes:
        limits: what it may cost.
        refusal: the first reason to stop.
        status: of its last HTTP answer.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.refusal: ConfigError | None = None
        self.status: int | None = None
        self._heard = 0

    def refuse(self, problem: str, remedy: str = BY_HAND) -> ConfigError:
        """An error to raise; the first one is kept."""
        self.refusal = self.refusal or ConfigError(problem, remedy=remedy)
        return self.refusal

    def count(self, data: bytes) -> bytes:
        """The same bytes, if there may be so many.

        Raises:
            ConfigError: too many were heard.
        """
        self._heard += len(data)
        if self._heard > self.limits.bytes:
            raise self.refuse(f"the server says more than {self.limits.bytes} bytes")
        return data

    def read(self, text: bytes | str) -> Any:  # noqa: ANN401 -- JSON
        """The value of a text, as the engine reads it.

        Raises:
            ConfigError: it isn't strict JSON.
        """
        try:
            return parse(text)
        except JsonError as error:
            problem = f"what the server says isn't strict JSON ({error.code})"
            raise self.refuse(problem, _AMBIGUOUS) from None


def watched_client(watch: Watch, token: str | None) -> httpx2.AsyncClient:
    """An HTTP client whose answers are counted and read strictly.

    It follows no redirects by itself, and uses no proxies from the environment.
    """

    async def rewrite(response: httpx2.Response) -> None:
        watch.status = response.status_code
        response.stream = _Rewritten(response, watch)

    return httpx2.AsyncClient(
        headers={"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})},
        timeout=watch.limits.seconds,
        trust_env=False,
        event_hooks={"response": [rewrite]},
    )


class _Rewritten(httpx2.AsyncByteStream):
    """A body, read strictly and written anew: JSON, or a stream of events with JSON in them."""

    def __init__(self, response: httpx2.Response, watch: Watch) -> None:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise watch.refuse("the server compresses its answer unasked, and it could unpack to anything")
        if response.charset_encoding not in (None, "utf-8", "UTF-8"):
            raise watch.refuse("the server's answer isn't UTF-8 (RFC 8259 section 8.1)")
        self._kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._watch = watch
        received = cast("httpx2.AsyncByteStream", response.stream)  # as every answer to an AsyncClient
        self._response = httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(received, watch),
            request=response.request,
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._kind == "application/json":
            if body := await self._response.aread():
                yield dumps(self._watch.read(body))
        elif self._kind == "text/event-stream":
            async for event in httpx2.EventSource(self._response, max_event_size=self._watch.limits.bytes):
                # Ids and delays are left out: a list that broke off is asked for anew by a person.
                if event.data and event.event == "message":
                    yield b"data: " + dumps(self._watch.read(event.data)) + b"\n\n"

    async def aclose(self) -> None:
        await self._response.aclose()


class _Counted(httpx2.AsyncByteStream):
    """A body as it arrives, counted."""

    def __init__(self, received: httpx2.AsyncByteStream, watch: Watch) -> None:
        self._received = received
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._received:
            yield self._watch.count(chunk)

    async def aclose(self) -> None:
        await self._received.aclose()
