"""Lines of a descriptor, however they come."""

import os
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.integrations.stdio.lines import Pen, lines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def read(parts: list[bytes], most: int) -> list[bytes | None]:
    """The lines of what comes in parts."""
    reading, writing = os.pipe()

    def write() -> None:
        for part in parts:
            os.write(writing, part)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        return list(lines(reading, most))
    finally:
        thread.join()
        os.close(reading)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a", b"b\nc", b"\n"], [b"ab", b"c"]),
        ([b"a\nrest"], [b"a", b"rest"]),
        ([b"12345\n123456\nok\n"], [b"12345", None, b"ok"]),
        ([b"123", b"456", b"789\n", b"ok\n"], [None, b"ok"]),
        ([b"123456"], [None]),
        ([b"\n\n"], [b"", b""]),
        ([], []),
    ],
)
def test_lines_come_whole_or_as_too_long(parts: list[bytes], expected: list[bytes | None]) -> None:
    """Of one that is too long no more than that is held, and the next one is whole."""
    assert read(parts, 5) == expected


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=8))
def test_lines_are_those_of_the_whole(parts: list[bytes]) -> None:
    """However it was cut."""
    whole = b"".join(parts).split(b"\n")
    expected = whole if whole[-1] else whole[:-1]
    assert read(parts, 6) == [line if len(line) <= 6 else None for line in expected]


def test_nobody_waits_for_a_line_that_nobody_reads(pipe: tuple[int, int]) -> None:
    """Closing gives up; what is closed takes no more."""
    reading, writing = pipe
    pen = Pen(writing)
    stuck = threading.Thread(target=pen.write, args=(b"x" * 1_000_000,), daemon=True)
    stuck.start()
    pen.close(seconds=0.05)
    assert stuck.is_alive()

    left = 1_000_001
    while left:
        left -= len(os.read(reading, min(left, 65_536)))
    stuck.join(10)
    pen.close()
    with pytest.raises(BrokenPipeError):
        pen.write(b"more")
