"""Streams of events, as browsers and SDKs read them (WHATWG HTML, "Server-sent events")."""

import pytest

from policy_engine.errors import MessageError
from policy_engine.mcp.lists.events import MAX_EVENTS, Event, read_events, write_event

STREAMS: dict[str, tuple[str, list[Event]]] = {
    "one event": ("data: a\n\n", [Event(data="a")]),
    "without a space": ("data:a\n\n", [Event(data="a")]),
    "only one space is taken": ("data:  a\n\n", [Event(data=" a")]),
    "several lines": ("data: a\ndata\ndata: b\n\n", [Event(data="a\n\nb")]),
    "carriage returns": ("data: a\r\rdata: b\r\r", [Event(data="a"), Event(data="b")]),
    "both": ("data: a\r\n\r\ndata: b\r\n\r\n", [Event(data="a"), Event(data="b")]),
    "mixed": ("data: a\r\n\rdata: b\n\r\n", [Event(data="a"), Event(data="b")]),
    "a mark": ("\ufeffdata: a\n\n", [Event(data="a")]),
    "two marks": ("\ufeff\ufeffdata: a\n\n", []),
    "a type": ("event: x\ndata: a\n\n", [Event(type="x", data="a")]),
    "the last type": ("event: x\nevent: y\ndata: a\n\n", [Event(type="y", data="a")]),
    "an empty type": ("event:\ndata: a\n\n", [Event(data="a")]),
    "comments": (": hello\ndata: a\n: b\n\n:\n\n", [Event(data="a")]),
    "ids are left out": ("id: 7\ndata: a\n\n", [Event(data="a")]),
    "no data": ("id: 7\n\nevent: x\n\nretry: 7\n\n", []),
    "empty data": ("data\n\n", [Event(data="")]),
    "a wait": ("retry: 100\ndata: a\n\n", [Event(data="a", retry="100")]),
    "no number": ("retry: 1e9\ndata: a\n\n", [Event(data="a")]),
    "digits of others": ("retry: ٣\ndata: a\n\n", [Event(data="a")]),
    "unknown fields": ("DATA: a\n data: b\ndata : c\n\n", []),
    "no line end of JSON's": ("data: a\u2028b\u0085c\x0bd\n\n", [Event(data="a\u2028b\u0085c\x0bd")]),
    "never ended": ("data: a\n\ndata: b\n", [Event(data="a")]),
    "cut off": ("data: a", []),
    "nothing": ("", []),
    "empty lines": ("\n\n\r\n\r", []),
}


@pytest.mark.parametrize(("text", "events"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_is_read_as_the_standard_says(text: str, events: list[Event]) -> None:
    """But for ids, which are left out."""
    assert list(read_events(text)) == events


def test_what_is_written_reads_back() -> None:
    """One event a message."""
    written = write_event(b'{"a":1}') + write_event(b'{"b":2}', "50")

    assert list(read_events(written.decode())) == [Event(data='{"a":1}'), Event(data='{"b":2}', retry="50")]


@pytest.mark.parametrize(
    ("text", "too_many"),
    [
        ("data: a\n\n" * MAX_EVENTS, None),
        ("data: a\n\n" * (MAX_EVENTS + 1), "too_many"),
        (":\n\n" * 125_000 + "data: a\n", "too_many"),
        (":\n\n" * 120_000 + "data: a\n\n", None),
        ("\r" * 5_000_000, "too_many"),
        ("\n" * 5_000_000, "too_many"),
    ],
    ids=["events", "more events", "comments", "fewer comments", "empty lines", "empty lines of another kind"],
)
def test_what_is_read_of_a_stream_has_a_bound(text: str, too_many: str | None) -> None:
    """Neither millions of events nor of lines that say nothing keep a reader busy."""
    try:
        found, detail = set(read_events(text)), None
    except MessageError as error:
        found, detail = {Event(data="a")}, error.detail

    assert (found, detail) == ({Event(data="a")}, too_many)
