"""`text/event-stream`, read and written (WHATWG HTML, "Server-sent events", 9.2.5 and 9.2.6)."""

import re
from dataclasses import dataclass

__all__ = ["Event", "read_events", "write_event"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        type: `message` if it doesn't say.
        data: its lines, joined by line feeds; None if it has none, so that readers see no event.
        retry: milliseconds to wait before coming back, if it says so.
    """

    type: str = "message"
    data: str | None = None
    retry: str | None = None


def read_events(text: str) -> list[Event]:
    """Read a stream; what isn't ended by an empty line is no event yet, and is left out.

    Comments say nothing. Ids are left out, too: by the id of an event its reader could ask for the rest of
    the stream again, which would come by another way and as the server wrote it.
    """
    events: list[Event] = []
    lines: dict[str, list[str]] = {}
    written = _LINE_END.split(text.removeprefix("\ufeff"))
    for line in written[:-1]:  # behind the last line end there is no line
        if not line:
            if lines:
                events.append(_event(lines))
            lines = {}
            continue
        name, _, value = line.partition(":")
        lines.setdefault(name, []).append(value.removeprefix(" "))
    return events


def _event(lines: dict[str, list[str]]) -> Event:
    data = lines.get("data")
    retry = [value for value in lines.get("retry", ()) if _DIGITS.fullmatch(value)]
    return Event(
        type=lines.get("event", [""])[-1] or "message",
        data=None if data is None else "\n".join(data),
        retry=retry[-1] if retry else None,
    )


def write_event(data: bytes, retry: str | None = None) -> bytes:
    """Write an event of type `message`; `data` is JSON on one line."""
    head = b"" if retry is None else f"retry: {retry}\n".encode()
    return head + b"event: message\ndata: " + data + b"\n\n"
