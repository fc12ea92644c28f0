"""`text/event-stream`, read and written (WHATWG HTML, "Server-sent events", 9.2.5 and 9.2.6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.errors import MessageError

__all__ = ["MAX_EVENTS", "Event", "read_events", "write_event"]

MAX_EVENTS = 10_000
"""Events of one stream that are read."""

_MOST_LINES = 250_000
"""Lines of one stream that are read, comments and empty ones included."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        data: its lines, joined by line feeds.
        type: `message` if it doesn't say.
        retry: milliseconds to wait before coming back, if it says so.
    """

    data: str
    type: str = "message"
    retry: str | None = None


def read_events(text: str) -> Iterator[Event]:
    """Read a stream; what isn't ended by an empty line is no event yet, and is left out.

    Comments say nothing, and without data there is no event. Ids are left out, too: by the id of an event its
    reader could ask for the rest of the stream again, which would come by another way and as the server wrote
    it.

    Raises:
        MessageError: `malformed_list` (`too_many`): what says nothing takes time, too.
    """
    if text.count("\n") + text.count("\r") > _MOST_LINES:
        raise MessageError("malformed_list", "a stream of too many lines", detail="too_many")
    count = 0
    lines: dict[str, list[str]] = {}
    written = _LINE_END.split(text.removeprefix("\ufeff"))
    for line in written[:-1]:  # behind the last line end there is no line
        if line:
            name, _, value = line.partition(":")
            lines.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in lines:
            count += 1
            if count > MAX_EVENTS:
                raise MessageError("malformed_list", "a stream of too many events", detail="too_many")
            yield _event(lines)
        lines = {}


def _event(lines: dict[str, list[str]]) -> Event:
    retry = [value for value in lines.get("retry", ()) if _DIGITS.fullmatch(value)]
    return Event(
        data="\n".join(lines["data"]),
        type=lines.get("event", [""])[-1] or "message",
        retry=retry[-1] if retry else None,
    )


def write_event(data: bytes, retry: str | None = None) -> bytes:
    """Write an event of type `message`; `data` is JSON on one line."""
    head = b"" if retry is None else f"retry: {retry}\n".encode()
    return head + b"event: message\ndata: " + data + b"\n\n"
