"""What a server answers to a list request → its items, and the frame around them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.lists.answers import MAX_ANSWER, read_answer, read_object, without_id
from policy_engine.mcp.lists.events import Event, read_events, write_event
from policy_engine.mcp.lists.kinds import LISTS, ListKind
from policy_engine.mcp.lists.listing import EVENTS, Listing, item_list
from policy_engine.mcp.revisions import STATELESS
from policy_engine.model.strict_json import dumps

__all__ = ["ListAnswer", "ListReader"]

ListAnswer = bytes | str | Mapping[str, Any]
"""A JSON-RPC answer, or a stream of events that holds one."""

_KEPT, _KEPT_LENGTH = 8, 2 * 1024 * 1024
_JSON_SPACE = b" \t\r\n"


class ListReader:
    """Reads answers; servers give the same to most callers, so the last few are kept."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: Callable[[ListKind, str, bytes], Listing | None] = lru_cache(_KEPT)(_of_result)

    def read(self, method: str, version: str, request_id: str | int | None, answer: ListAnswer) -> Listing:
        """Read an answer.

        Args:
            method: what was asked.
            version: the protocol version that the question states.
            request_id: its id.
            answer: what came.

        Raises:
            MessageError: `malformed_list`, with the detail that says why.
        """
        if method not in LISTS:
            raise MessageError("malformed_list", "the request asks for no list", detail="no_list")
        question = _Question(LISTS[method], version, request_id, self._kept)
        data = answer.encode("utf-8", "surrogatepass") if isinstance(answer, str) else answer
        if not isinstance(data, bytes):
            return question.answered(read_object(data))
        if data.lstrip(_JSON_SPACE)[:1] == b"{" or len(data) > MAX_ANSWER:
            return question.answered_by(data)
        return question.streamed(data)


def _of_result(kind: ListKind, version: str, rest: bytes) -> Listing | None:
    """The result in an answer that has nothing else; None where it has."""
    body = read_object(rest)
    result = body.get("result")
    return item_list(kind, version, result) if isinstance(result, dict) and len(body) == 1 else None


class _Question:
    """One list request, and what may answer it."""

    __slots__ = ("_id", "_kept", "_kind", "_version")

    def __init__(
        self,
        kind: ListKind,
        version: str,
        request_id: str | int | None,
        kept: Callable[[ListKind, str, bytes], Listing | None],
    ) -> None:
        self._kind = kind
        self._version = version
        self._id = request_id
        self._kept = kept

    def answered(self, body: dict[str, Any]) -> Listing:
        """An answer that was parsed."""
        result = read_answer(body, self._id)
        if result is None:
            return Listing(kind=self._kind, before=dumps(body))
        return self._whole(item_list(self._kind, self._version, result))

    def answered_by(self, data: bytes) -> Listing:
        """An answer as text."""
        rest = without_id(data, self._id) if len(data) <= _KEPT_LENGTH else None
        listing = None if rest is None else self._kept(self._kind, self._version, rest)
        return self.answered(read_object(data)) if listing is None else self._whole(listing)

    def streamed(self, data: bytes) -> Listing:
        """A stream: one event has the answer, the others what a server may say on the way to it."""
        before: list[bytes] = []
        after: list[bytes] = []
        found: Listing | None = None
        for event in read_events(_text(data)):
            message = None if not event.data else self._message(event)
            if message is not None:
                (after if found else before).append(message)
            elif event.data:
                if found is not None:
                    raise MessageError("malformed_list", "a stream has two answers", detail="stream")
                head, tail = write_event(b"\0", event.retry).split(b"\0")  # no JSON holds a zero byte
                found = self.answered_by(event.data.encode()).within(head, tail)
        if found is None:
            raise MessageError("malformed_list", "a stream without an answer", detail="stream")
        return found.within(b"".join(before), b"".join(after), EVENTS)

    def _message(self, event: Event) -> bytes | None:
        """A notification, or a question of the server, written anew; None for an answer."""
        if event.type != "message":
            raise MessageError("malformed_list", "an event that isn't a message", detail="stream")
        if '"method"' not in event.data and "\\u" not in event.data:
            return None  # an answer is read as one
        body = read_object(event.data)
        if "method" not in body:
            return None
        # MCP 2026-07-28: servers ask nothing.
        members = {"jsonrpc", "method", "params"} | ({"id"} if self._version != STATELESS else set())
        if body.get("jsonrpc") != "2.0" or not isinstance(body["method"], str) or not body.keys() <= members:
            raise MessageError("malformed_list", "an event that no server may send", detail="stream")
        return write_event(dumps(body), event.retry)

    def _whole(self, result: Listing) -> Listing:
        return result.within(b'{"jsonrpc":"2.0","id":' + dumps(self._id) + b',"result":', b"}")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise MessageError("malformed_list", "the stream isn't UTF-8", detail="not_utf8") from None
