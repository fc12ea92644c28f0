"""strict_json: one text, one meaning."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.model.strict_json import MAX_DEPTH, JsonError, dumps, parse, require_plain

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
