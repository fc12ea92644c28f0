"""The body of a request, read no further than is good; `protocol` sees to it that it comes in time."""

import asyncio
from collections.abc import Sequence
from typing import Final

from starlette.types import Receive

from policy_engine.authserver.web import MAX_BODY_BYTES, HttpResponse, json_response

__all__ = ["CLOSE", "GoneError", "read_body"]

CLOSE: Final = (("Connection", "close"),)
"""What follows on this connection isn't known to be a request."""

_FRAMING: Final = ("content-length", "transfer-encoding")

_LINGER_SECONDS: Final = 1
_LINGER_BYTES: Final = 1024 * 1024


class GoneError(Exception):
    """The client went away in the middle of its request; nobody is there to be answered."""


async def read_body(headers: Sequence[tuple[str, str]], receive: Receive) -> bytes | HttpResponse:
    """Read the body of a request.

    Args:
        headers: of the request, names in lower case.
        receive: gives the parts of the body.

    Returns:
        The body, or more of it than is allowed; or the refusal of one of which two readings are possible.

    Raises:
        GoneError: the client went away.
    """
    if sum(name in _FRAMING for name, _ in headers) > 1:
        # Another reader of the same bytes may see another request in them (RFC 9112 section 6.3).
        return json_response(400, {"error": "invalid_request"}, CLOSE)
    body, whole = await _within(receive, MAX_BODY_BYTES)
    if len(body) > MAX_BODY_BYTES and not whole:
        await _linger(receive)
    return body


async def _within(receive: Receive, most: int) -> tuple[bytes, bool]:
    """All that comes, or its beginning if that is more than so much; and whether it came to its end."""
    parts, length = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise GoneError
        part = message.get("body", b"")
        length += len(part)
        whole = not message.get("more_body", False)
        parts.append(part)
        if length > most:
            return b"".join(parts)[: most + 1], whole
        if whole:
            return b"".join(parts), True


async def _linger(receive: Receive) -> None:
    """Take in some of a body that isn't wanted: closing on it would reset the answer away."""
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            await _within(receive, _LINGER_BYTES)
    except TimeoutError:
        return
