"""Answers that hold a list: each caller gets what they can use of it."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from policy_engine.integrations.exchange.asked import Asked
from policy_engine.integrations.exchange.messages import Answer, Headers, json_answer
from policy_engine.mcp import LISTS, MAX_ANSWER, read_events, write_event
from policy_engine.model import Decision
from policy_engine.model.strict_json import JsonError, dumps, parse

__all__ = ["ListReply", "StreamReply"]

_TYPE: Final = "content-type"
_ENDS: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_MEMBERS: Final = {kind.member: kind.method for kind in LISTS.values() if kind.member}
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReply:
    """An answer to a list request; it is read whole before any of it is passed on.

    Attributes:
        asked: what was asked.
        decision: what was decided of it.
        status: that of the server's answer.
        headers: what the caller gets of its headers.
        most: bytes that may come.
    """

    asked: Asked = field(repr=False)
    decision: Decision
    status: int
    headers: Headers
    most: int = MAX_ANSWER

    async def answer(self, body: bytes) -> Answer:
        """What the caller gets; never what can't be read."""
        filtered = await self.asked.filtered(body)
        kept = tuple(pair for pair in self.headers if pair[0] != _TYPE)
        if filtered.decision.allowed:
            typed = (*kept, ("content-type", filtered.media_type))
            return Answer(status=self.status, headers=typed, body=filtered.body)
        if self.status not in _SUCCESS and filtered.decision.code == "malformed_list":
            # Whatever it says, the status alone is of use: that a session is over, say.
            told = json_answer(self.status, self.decision.refused("malformed_list").body())
            return Answer(status=told.status, headers=(*kept, *told.headers), body=told.body)
        decision = filtered.decision
        return json_answer(decision.status, decision.body(), decision.headers())


class StreamReply:
    """The stream of a session, event by event.

    By the id of an event a client may ask for the rest of another stream, so an answer to a list request may
    come this way, too.
    """

    __slots__ = ("_asked", "_buffer", "headers", "status")

    def __init__(self, asked: Asked, *, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = headers
        self._asked = asked
        self._buffer = bytearray()

    async def feed(self, chunk: bytes) -> bytes:
        """All events that are whole now.

        Raises:
            ValueError: an event is too large to be looked at.
        """
        self._buffer += chunk
        whole: list[bytes] = []
        while match := _ENDS.search(self._buffer):
            if match.end() == len(self._buffer) and self._buffer.endswith(b"\r"):
                break  # half of a line end, perhaps
            event = bytes(self._buffer[: match.end()])
            del self._buffer[: match.end()]
            whole.append(await self._passed(event))
        if len(self._buffer) > MAX_ANSWER:
            raise ValueError("an event is too large")
        return b"".join(whole)

    async def end(self) -> bytes:
        """Nothing more: what isn't ended by an empty line is no event."""
        self._buffer.clear()
        return b""

    async def _passed(self, event: bytes) -> bytes:
        if b'"result"' not in event and b"\\u" not in event:
            return event
        try:
            (only,) = read_events(event.decode("utf-8"))
            body = parse(only.data)
        except (JsonError, ValueError):
            return b""
        method = _method_of(body)
        return event if method is None else await self._list(event, only.data.encode(), method, body["id"])

    async def _list(self, event: bytes, data: bytes, method: str, request_id: str | int) -> bytes:
        filtered = await self._asked.filtered_of({"jsonrpc": "2.0", "id": request_id, "method": method}, data)
        ids = [line for line in re.split(rb"\r\n|\n|\r", event) if line.startswith(b"id")]
        head = b"".join(line + b"\n" for line in ids[-1:])
        allowed = filtered.decision.allowed
        return head + write_event(filtered.body if allowed else dumps(filtered.decision.body()))


def _method_of(body: Any) -> str | None:  # noqa: ANN401 -- JSON
    """What was asked, if this is an answer with a list in it."""
    result = body.get("result") if isinstance(body, dict) else None
    if not isinstance(result, dict) or "method" in body or not isinstance(body.get("id"), str | int):
        return None
    return next((method for member, method in _MEMBERS.items() if member in result), None)
