"""The short ways in which most arguments are read come to what the long ones do."""

from random import Random
from typing import Any

import pytest

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import Collection, Member, Opaque, Record, Scalar
from policy_engine.mcp.arguments import Arguments, check_arguments
from policy_engine.mcp.arguments.reading import Reading
from policy_engine.mcp.context import Clock, cedar_datetime

TYPES = {
    "text": Member(type=Scalar("string")),
    "needed": Member(type=Scalar("string"), required=True),
    "choice": Member(type=Scalar("string", frozenset({"a", "b"}))),
    "flag": Member(type=Scalar("boolean"), nullable=True),
    "count": Member(type=Scalar("integer"), default=3),
    "ratio": Member(type=Scalar("number")),
    "texts": Member(type=Collection(Scalar("string"))),
    "counts": Member(type=Collection(Scalar("integer"))),
    "any": Member(type=Opaque("any")),
}
VALUES: list[Any] = [
    *("a", "b", "", 1, 0, -1, True, False, 1.0, 0.5, None, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1),
    *([], ["a", "a"], ["a", 1], [1, 1], [True], [None], {}, {"a": 1}),
]


def slowly(record: Record, arguments: dict[str, Any]) -> Any:
    """What the long way says."""
    reading = Reading()
    try:
        seen, forward = reading.record(record, arguments, ())
    except MessageError as error:
        return error.code, error.detail, error.note
    return Arguments(seen, forward, tuple(sorted(set(reading.unseen))))


@pytest.mark.parametrize("seed", range(4))
def test_the_short_way_reads_what_the_long_one_reads(seed: int) -> None:
    """Any members, any values, the same names again and again in any order; types and all."""
    chance = Random(seed)
    short = 0
    for _ in range(60):
        members = {name: TYPES[name] for name in chance.sample(sorted(TYPES), chance.randint(1, 5))}
        record = Record(members, chance.choice([None, Member(type=Opaque("any"))]))
        for _ in range(60):
            names = chance.sample([*members, *members, "other"], chance.randint(0, len(members)))
            arguments = {name: chance.choice(VALUES) for name in names}
            expected = slowly(record, arguments)
            try:
                found: Any = check_arguments(record, arguments)
            except MessageError as error:
                found = (error.code, error.detail, error.note)
            assert repr(found) == repr(expected) or same(found, expected), (record, arguments)
            if isinstance(found, Arguments):
                short += found.known_names is not None
                assert found.names == tuple(sorted(found.forward))
    assert short > 100


def same(one: Any, other: Any) -> bool:
    """Equal, with the types of all values, in whatever order members are."""
    if not (isinstance(one, Arguments) and isinstance(other, Arguments)):
        return bool(one == other)
    return one == other and all(
        repr(sorted(left.items())) == repr(sorted(right.items()))
        for left, right in ((one.cedar, other.cedar), (one.forward, other.forward))
    )


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_a_long_list_of_texts_is_bounded_the_short_way_too(count: int) -> None:
    """As many as any list may have."""
    record = Record({"texts": TYPES["texts"]})
    try:
        found: Any = check_arguments(record, {"texts": ["a"] * count}).cedar
    except MessageError as error:
        found = error.detail
    assert found == ({"texts": ["a"]} if count == 10_000 else "too_many")


def test_names_that_callers_invent_are_not_remembered() -> None:
    """However many calls bring others; and of known names not every order."""
    record = Record({name: Member(type=Scalar("string")) for name in "abcdef"}, Member(type=Opaque("any")))
    chance = Random(1)
    for n in range(300):
        check_arguments(record, {f"invented{n}": "x"})
        check_arguments(record, dict.fromkeys(chance.sample("abcdef", 6), "x"))
    assert len(record.shapes) == 64
    assert all(set(names) <= set("abcdef") for names in record.shapes)


@pytest.mark.parametrize(
    "seconds",
    [
        0.0,
        0.0005,
        0.9995,
        1.0,
        1790000100.1234,
        1790000100.9999,
        -0.001,
        -5.0,
        250_000_000_000.0,
        1e12,
        1e300,
    ],
)
def test_the_clock_tells_what_it_would_tell_without_a_memory(seconds: float) -> None:
    """Before, within and after the second that it remembers."""
    clock = Clock()
    for moment in (seconds, seconds, seconds + 0.25, seconds + 1, seconds):
        assert clock.datetime(moment) == cedar_datetime(moment)
