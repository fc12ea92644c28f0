"""Streams of events, as browsers and SDKs read them (WHATWG HTML, "Server-sent events")."""

import pytest

from policy_engine.mcp.lists.events import Event, read_events, write_event

STREAMS: dict[str, tuple[str, list[Event]]] = {
    "one event": ("data: a\n\n", [Event(data="a")]),
    "without a space": ("data:a\n\n", [Event(data="a")]),
    "only one space is taken": ("data:  a\n\n", [Event(data=" a")]),
    "several lines": ("data: a\ndata\ndata: b\n\n", [Event(data="a\n\nb")]),
    "carriage returns": ("data: a\r\rdata: b\r\r", [Event(data="a"), Event(data="b")]),
    "both": ("data: a\r\n\r\ndata: b\r\n\r\n", [Event(data="a"), Event(data="b")]),
    "mixed": ("data: a\r\n\rdata: b\n\r\n", [Event(data="a"), Event(data="b")]),
    "a mark": ("\ufeffdata: a\n\n", [Event(data="a")]),
    "two marks": ("\ufeff\ufeffdata: a\n\n", [Event()]),
    "a type": ("event: x\ndata: a\n\n", [Event(type="x", data="a")]),
    "the last type": ("event: x\nevent: y\ndata: a\n\n", [Event(type="y", data="a")]),
    "an empty type": ("event:\ndata: a\n\n", [Event(data="a")]),
    "comments": (": hello\ndata: a\n: b\n\n:\n\n", [Event(data="a"), Event()]),
    "ids are left out": ("id: 7\ndata: a\n\n", [Event(data="a")]),
    "no data": ("id: 7\n\n", [Event()]),
    "empty data": ("data\n\n", [Event(data="")]),
    "a wait": ("retry: 100\ndata: a\n\n", [Event(data="a", retry="100")]),
    "no number": ("retry: 1e9\ndata: a\n\n", [Event(data="a")]),
    "digits of others": ("retry: ٣\ndata: a\n\n", [Event(data="a")]),
    "unknown fields": ("DATA: a\n data: b\ndata : c\n\n", [Event()]),
    "no line end of JSON's": ("data: a\u2028b\u0085c\x0bd\n\n", [Event(data="a\u2028b\u0085c\x0bd")]),
    "never ended": ("data: a\n\ndata: b\n", [Event(data="a")]),
    "cut off": ("data: a", []),
    "nothing": ("", []),
    "empty lines": ("\n\n\r\n\r", []),
}


@pytest.mark.parametrize(("text", "events"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_is_read_as_the_standard_says(text: str, events: list[Event]) -> None:
    """But for ids, which are left out."""
    assert read_events(text) == events


def test_what_is_written_reads_back() -> None:
    """One event a message."""
    written = write_event(b'{"a":1}') + write_event(b'{"b":2}', "50")

    assert read_events(written.decode()) == [Event(data='{"a":1}'), Event(data='{"b":2}', retry="50")]
