"""From ASGI to the handler and back: nothing decoded, nothing merged, nothing logged of what was sent."""

import asyncio
import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from policy_engine.authserver.serving.body import CLOSE, GoneError, read_body
from policy_engine.authserver.serving.handing import Hand
from policy_engine.authserver.web import MAX_BODY_BYTES, HttpRequest, HttpResponse, json_response
from policy_engine.serving import TrustedProxies, named

__all__ = ["SECURITY_HEADERS", "Endpoint"]

_LOG: Final = logging.getLogger(__name__)

SECURITY_HEADERS: Final = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
"""No answer of this server is a page; were one taken for a page, it could do nothing."""

_STRICT_TRANSPORT: Final = (("Strict-Transport-Security", "max-age=31536000"),)


class Endpoint:
    """An ASGI application that answers whatever isn't about health.

    Args:
        hand: gives a request to the handler.
        proxies: whose word counts for where a request is from.
        secure: whether clients reach the server by https.
    """

    def __init__(self, hand: Hand, *, proxies: TrustedProxies, secure: bool) -> None:
        self._hand = hand
        self._proxies = proxies
        self._headers = _encoded(SECURITY_HEADERS + (_STRICT_TRANSPORT if secure else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that went away gets none."""
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        try:
            body = await read_body(headers, receive)
        except GoneError:
            return
        if isinstance(body, HttpResponse):
            await _answer(body, send, self._headers)
            return
        request = HttpRequest(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            source=self._source(scope, headers),
        )
        response = await self._result(request)
        if len(body) > MAX_BODY_BYTES:
            # The handler has refused it, and recorded that; what follows on this connection may be its rest.
            response = HttpResponse(
                status=response.status, headers=response.headers + CLOSE, body=response.body
            )
        await _answer(response, send, self._headers)

    def _source(self, scope: Mapping[str, Any], headers: tuple[tuple[str, str], ...]) -> str:
        peer = scope.get("client")
        forwarded = (value for name, value in headers if name == "x-forwarded-for")
        return "" if peer is None else self._proxies.source(peer[0], forwarded)

    async def _result(self, request: HttpRequest) -> HttpResponse:
        try:
            return await self._hand(request)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 -- the outermost handler: a bug is a refusal, and is named
            _LOG.error("a request failed: %s", named(error))
            return json_response(500, {"error": "server_error"}, (("Cache-Control", "no-store"),))


async def _answer(response: HttpResponse, send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Send an answer; to HEAD, whoever runs the application leaves out the body."""
    length = (b"content-length", str(len(response.body)).encode("ascii"))
    told = [*_encoded(response.headers), *headers, length]
    await send({"type": "http.response.start", "status": response.status, "headers": told})
    await send({"type": "http.response.body", "body": response.body})


@lru_cache(maxsize=256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)
