"""HTTP as ASGI has it, from and to values: for whatever serves an exchange by ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from policy_engine.integrations.exchange.messages import Answer, Headers, Request

__all__ = ["Message", "Receive", "Send", "body_read", "request_of", "send_answer", "start_of"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NO_CONTENT: Final = 204


def request_of(scope: MutableMapping[str, Any], body: bytes) -> Request:
    """The request of a scope, with its target as it was sent."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    target = path + (b"?" + query if query else b"")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Request(method=scope["method"], target=target.decode("latin-1"), headers=headers, body=body)


async def body_read(receive: Receive, most: int) -> tuple[bytes, bool] | None:
    """The body, and whether that is all of it: no more is taken than is refused for being too long.

    None if the caller has gone.
    """
    whole = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        whole += message.get("body", b"")
        more = message.get("more_body", False)
        if len(whole) > most or not more:
            return bytes(whole), not more


async def send_answer(answer: Answer, send: Send) -> None:
    """Send an answer that is there whole."""
    length = (("content-length", str(len(answer.body))),) if answer.status != _NO_CONTENT else ()
    await send(start_of(answer.status, (*answer.headers, *length)))
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def start_of(status: int, headers: Headers) -> Message:
    """The beginning of an answer."""
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": encoded}
