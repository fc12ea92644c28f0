"""strict_json: one text, one meaning."""

import json
from collections.abc import Callable
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.model import strict_json
from policy_engine.model.strict_json import (
    MAX_DEPTH,
    JsonError,
    canonical,
    dumps,
    parse,
    read,
    require_plain,
    settled,
)
from tests.plugins.samples import samples

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)

REFUSED = {
    "duplicate member": (b'{"a":1,"a":2}', "duplicate_member"),
    "duplicate member, one of them escaped": (b'{"sub":1,"s\\u0075b":2}', "duplicate_member"),
    "duplicate member, nested": (b'[{"x":{"a":1,"a":1}}]', "duplicate_member"),
    "NaN": (b'{"a":NaN}', "not_finite"),
    "Infinity": (b"[-Infinity]", "not_finite"),
    "a float beyond a double": (b"[1e400]", "not_finite"),
    "a float that a double rounds": (b"[0.30000000000000000001]", "inexact_number"),
    "an integer that a double rounds": (b"[9007199254740993]", "inexact_number"),
    "an integer beyond a double": (b"1" * 400, "inexact_number"),
    "a lone surrogate": (b'["\\ud800"]', "lone_surrogate"),
    "a lone surrogate in a name": (b'{"\\udfff":1}', "lone_surrogate"),
    "not UTF-8": (b'["\xff"]', "not_utf8"),
    "UTF-16": ('["a"]'.encode("utf-16"), "not_utf8"),
    "a byte-order mark": (b"\xef\xbb\xbf[]", "not_json"),
    "trailing data": (b"{} {}", "not_json"),
    "nothing": (b"", "not_json"),
    "a comment": (b"[1] // one", "not_json"),
    "one level too deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
    "deep enough to exhaust the parser": (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    "an integer of too many digits": (b"1" * 5_000, "not_json"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_text_with_two_meanings_is_refused(data: bytes, code: str) -> None:
    """Whatever another parser could read differently has a code of its own."""
    with pytest.raises(JsonError) as caught:
        parse(data)

    assert caught.value.code == code


@given(JSON)
def test_what_is_written_reads_back(value: Any) -> None:
    """`parse(dumps(x)) == x` with the same types, for every JSON value."""
    again = parse(dumps(value))

    assert again == value
    assert json.dumps(again) == json.dumps(value)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_parses_or_is_refused_with_a_code(data: bytes | str) -> None:
    """Nothing but JsonError leaves `parse`."""
    try:
        value = parse(data)
    except JsonError as error:
        assert error.code in {code for _, code in REFUSED.values()}
    else:
        require_plain(value)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**62, 2**63, 10**22])
def test_an_integer_that_a_double_holds_is_read(number: int) -> None:
    """Beyond 2**53, those that a reader with doubles reads as they are."""
    assert parse(str(number)) == number


def test_the_deepest_text_that_is_allowed_parses() -> None:
    """The limit is MAX_DEPTH levels, not one fewer."""
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({1: "a"}, "not_plain"),
        ({"a": (1, 2)}, "not_plain"),
        ([b"bytes"], "not_plain"),
        ({"a": float("nan")}, "not_finite"),
        ([float("-inf")], "not_finite"),
        (["\ud800"], "lone_surrogate"),
        ({"n": 2**53 + 1}, "inexact_number"),
        ([10**400], "inexact_number"),
        ({"\ud800": 1}, "lone_surrogate"),
    ],
    ids=[
        "number as name",
        "tuple",
        "bytes",
        "NaN",
        "infinity",
        "surrogate",
        "rounded integer",
        "huge integer",
        "surrogate in a name",
    ],
)
def test_a_value_that_no_text_gives_is_refused(value: Any, code: str) -> None:
    """A message handed over as a dict meets the same rules as one handed over as bytes."""
    with pytest.raises(JsonError) as caught:
        require_plain(value)

    assert caught.value.code == code


def test_a_value_that_contains_itself_is_refused() -> None:
    """A cycle is too deep, not an endless loop."""
    cycle: list[Any] = []
    cycle.append(cycle)

    with pytest.raises(JsonError) as caught:
        require_plain(cycle)

    assert caught.value.code == "too_deep"


# --- the fast road ------------------------------------------------------------------------------


def exactly(value: Any) -> Any:
    """The same, with the type of each part beside it: to Python, `1`, `1.0` and `True` are one."""
    if isinstance(value, dict):
        return dict, [(name, exactly(member)) for name, member in value.items()]
    if isinstance(value, list):
        return list, [exactly(item) for item in value]
    return type(value), repr(value)


def slowly(data: bytes | str) -> Any:
    """What the slow road says: the value with its types, or the code of the refusal."""
    try:
        return exactly(strict_json._parse_slowly(data))  # noqa: SLF001 -- the road that the other is held to
    except JsonError as error:
        return error.code


PIECES = st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            " ",
            '"',
            "\\",
            "null",
            "true",
            "false",
            "NaN",
            "-",
            "+",
            ".",
            "0",
            "1",
        ),
        *(
            "-0",
            "-0.0",
            "1.0",
            "1e5",
            "1E5",
            "1e-7",
            "1e+16",
            "1e16",
            "1e22",
            "0.1",
            "1.10",
            "9007199254740993",
        ),
        *(
            "18446744073709551616",
            "1e400",
            "123456789012345678",
            '"a"',
            '"a":',
            '"b":',
            '"\\u0061"',
            '"\\ud800"',
        ),
        *('"\\u001b"', '"\\n"', '"\x7f"', '"é"', '"\\/"', '"__proto__":', "\ufeff", "\t", "\u2028"),
    ]
)
TEXTS = st.one_of(
    JSON.map(dumps),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.lists(PIECES, max_size=12).map(lambda parts: "".join(parts).encode()),
    st.lists(PIECES, max_size=8).map(lambda parts: f'{{"a":{"".join(parts)}}}'.encode()),
    st.binary(max_size=12),
)


@given(TEXTS)
@settings(max_examples=samples(1500))
def test_the_fast_road_reads_what_the_slow_one_reads(data: bytes) -> None:
    """Whatever it takes has the very same value there; what it leaves is refused, or read, by that."""
    expected = slowly(data)
    for text in (data, data.decode(errors="surrogateescape")):
        try:
            value, short = read(text)
        except JsonError as error:
            assert error.code == slowly(text)
            continue
        assert exactly(value) == expected
        assert short in (None, data)


class Word(StrEnum):
    """A text by another name."""

    A = "a"


class Number(IntEnum):
    """Numbers by other names, one of which a double can't hold."""

    ONE = 1
    BIG = 2**53 + 1


class Plain(Enum):
    """Names that are neither text nor number."""

    ONE = 1


class Text(str):
    """A text that isn't one."""

    __slots__ = ()


ODD = st.sampled_from(
    [
        *(Word.A, Number.ONE, Number.BIG, Plain.ONE, Text("a"), (1,), b"a"),
        *(float("nan"), float("inf"), 2**60, 2**53 + 1, 2**70),
        *({1: 2}, {Word.A: 1}, {Text("a"): 1}, {"a"}, UUID(int=1), "\ud800", {"\udfff": 1}, object(), -0.0),
        *(MappingProxyType({"a": 1}), 1e16, 1e-7, True, 1.0),
    ]
)


@given(
    st.recursive(
        JSON | ODD,
        lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=3), one, max_size=3),
    )
)
@settings(max_examples=samples(500))
def test_a_value_is_settled_as_its_text_would_be(value: Any) -> None:
    """Refused with the same code as by `require_plain`; otherwise a copy, type by type."""
    try:
        require_plain(value)
        expected: Any = exactly(strict_json._parse_slowly(dumps(value)))  # noqa: SLF001 -- the slow road
    except JsonError as error:
        expected = error.code
    try:
        copy, text = settled(value)
    except JsonError as error:
        assert error.code == expected
        return
    assert exactly(copy) == expected
    assert text is None or slowly(text) == expected
    assert not isinstance(value, dict | list) or copy is not value


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1, 300, 2000])
def test_both_roads_end_at_one_depth(levels: int) -> None:
    """However short the text is otherwise."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    text = "[" * levels + "1" + "]" * levels
    if levels <= MAX_DEPTH:
        assert read(text) == settled(value) == (value, text.encode())
        return
    roads: tuple[tuple[Callable[[Any], Any], Any], ...] = ((read, text), (settled, value))
    for road, given_ in roads:
        with pytest.raises(JsonError) as caught:
            road(given_)
        assert caught.value.code == "too_deep"


def test_one_value_has_one_text() -> None:
    """Members in order, whatever order they came in."""
    assert canonical({"b": [1], "a": {"d": 1, "c": 2}}) == b'{"a":{"c":2,"d":1},"b":[1]}'
