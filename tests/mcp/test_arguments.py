"""arguments: policies see what the tool gets, or the call is refused."""

import decimal
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp.argument_types import Collection, Member, Opaque, Record, Scalar
from policy_engine.mcp.arguments import Arguments, check_arguments, unseen_arguments
from policy_engine.mcp.json_schema import read_input_schema
from tests.plugins.samples import samples

Refusal = Callable[..., tuple[str, str | None]]


def _record(required: tuple[str, ...] = (), **properties: Any) -> Record:
    record = read_input_schema({"type": "object", "properties": properties, "required": list(required)})
    assert isinstance(record, Record)
    return record


def _open(**properties: Any) -> Record:
    return Record(_record(**properties).members, others=Member(type=Opaque("anything")))


def _decimal(text: str) -> dict[str, Any]:
    return {"__extn": {"fn": "decimal", "arg": text}}


EVERYTHING = _record(
    ("s",),
    s={"type": "string"},
    b={"type": "boolean"},
    i={"type": "integer", "default": 3},
    n={"type": "number"},
    a={"type": "array", "items": {"type": "string"}},
    o={"type": "object", "properties": {"x": {"type": "integer", "default": 1}}},
    z={"type": ["string", "null"], "default": None},
    hidden={"$ref": "#"},
)


def test_arguments_are_seen_as_the_tool_gets_them() -> None:
    """Defaults are filled in for both, at every depth; what can't be seen is named."""
    given_ = {"s": "x", "b": True, "n": 1.5, "a": ["p", "q"], "o": {}, "hidden": [1]}

    assert check_arguments(EVERYTHING, given_) == Arguments(
        cedar={"s": "x", "b": True, "i": 3, "n": _decimal("1.5"), "a": ["p", "q"], "o": {"x": 1}},
        forward={
            "s": "x",
            "b": True,
            "i": 3,
            "n": 1.5,
            "a": ["p", "q"],
            "o": {"x": 1},
            "z": None,
            "hidden": [1],
        },
        unrepresentable=("hidden",),
    )
    assert given_["o"] == {}


WRONG: dict[str, tuple[dict[str, Any], Any]] = {
    "digits for an integer": ({"type": "integer"}, "1000"),
    "true for an integer": ({"type": "integer"}, True),
    "1.0 for an integer": ({"type": "integer"}, 1.0),
    "1 for a boolean": ({"type": "boolean"}, 1),
    "yes for a boolean": ({"type": "boolean"}, "yes"),
    "a number for a string": ({"type": "string"}, 1),
    "true for a number": ({"type": "number"}, True),
    "digits for a number": ({"type": "number"}, "1.5"),
    "a string for an array": ({"type": "array", "items": {"type": "string"}}, "a"),
    "an array of something else": ({"type": "array", "items": {"type": "string"}}, ["a", 1]),
    "null in an array": ({"type": "array", "items": {"type": "string"}}, [None]),
    "an array for an object": ({"type": "object"}, []),
    "text for an object": ({"type": "object"}, "{}"),
    "null where it isn't allowed": ({"type": "string"}, None),
    "null where there is a default": ({"type": "string", "default": "a"}, None),
    "null for an object": ({"type": "object"}, None),
}


@pytest.mark.parametrize(("schema", "value"), WRONG.values(), ids=WRONG.keys())
def test_a_value_of_another_type_is_refused(schema: dict[str, Any], value: Any, refusal: Refusal) -> None:
    """Nothing is converted, however plain the meaning seems."""
    assert refusal(check_arguments, _record(x=schema), {"x": value}) == ("invalid_arguments", "wrong_type")


@pytest.mark.parametrize(
    ("record", "arguments", "detail", "note"),
    [
        (_record(x={"type": "string"}), {"y": 1}, "unknown_argument", "argument `y`"),
        (_record(("x",), x={"type": "string"}), {}, "missing_argument", "argument `x`"),
        (_record(("x",), x={"$ref": "#"}), {}, "missing_argument", "argument `x`"),
        (
            _record(o={"type": "object", "properties": {"p": {"type": "string"}}, "required": ["p"]}),
            {"o": {}},
            "missing_argument",
            "argument `o.p`",
        ),
        (_record(o={"type": "object"}), {"o": {"p": 1}}, "unknown_argument", "argument `o.p`"),
        (
            _record(a={"type": "array", "items": {"type": "string"}}),
            {"a": ["p", 1]},
            "wrong_type",
            "argument `a.1`",
        ),
        (_record(x={"enum": ["a", "b"]}), {"x": "c"}, "not_a_choice", "argument `x`"),
        (_record(x={"type": "integer"}), {"x": 2**63}, "out_of_range", "argument `x`"),
        (_record(x={"type": "integer"}), {"x": -(2**63) - 1}, "out_of_range", "argument `x`"),
        (_record(x={"type": "number"}), {"x": 922337203685478}, "out_of_range", "argument `x`"),
        (_record(x={"type": "number"}), {"x": 1e300}, "out_of_range", "argument `x`"),
        (_record(x={"type": "number"}), {"x": -(10**400)}, "out_of_range", "argument `x`"),
        (_record(x={"type": "number"}), {"x": 0.00001}, "too_precise", "argument `x`"),
        (_record(x={"type": "number"}), {"x": 5e-324}, "too_precise", "argument `x`"),
        (_open(repo={"type": "string"}), {"Repo": "a"}, "lookalike", "argument `repo`"),
        (_open(o={"type": "object"}), {"o": {}, "ｏ": {}}, "lookalike", "argument `o`"),  # noqa: RUF001 -- FULLWIDTH O
        (_record(), {"a\nb" + "c" * 90: 1}, "unknown_argument", f"argument `a?b{'c' * 77}`"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_path(
    record: Record, arguments: dict[str, Any], detail: str, note: str
) -> None:
    """The note names the argument, short and on one line, and never its value."""
    with pytest.raises(MessageError) as caught:
        check_arguments(record, arguments)

    assert (caught.value.code, caught.value.detail, caught.value.note) == ("invalid_arguments", detail, note)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0"),
        (-0.0, "0.0"),
        (1, "1.0"),
        (-1.25, "-1.25"),
        (1000.0, "1000.0"),
        (0.0001, "0.0001"),
        (922337203685477, "922337203685477.0"),
        (-922337203685477, "-922337203685477.0"),
    ],
)
def test_a_number_has_one_spelling_as_a_decimal(value: float, text: str) -> None:
    """It reaches the tool as it was written."""
    checked = check_arguments(_record(x={"type": "number"}), {"x": value})

    assert checked.cedar == {"x": _decimal(text)}
    assert repr(checked.forward["x"]) == repr(value)


def test_the_programs_own_precision_does_not_matter() -> None:
    """Decimals are computed in a context of ours."""
    with decimal.localcontext(prec=2):
        checked = check_arguments(_record(x={"type": "number"}), {"x": 123456.75})

    assert checked.cedar == {"x": _decimal("123456.75")}


def test_null_is_absent_where_it_is_allowed_and_the_tool_gets_null() -> None:
    """A default doesn't replace it: the tool's own default won't either."""
    record = _record(x={"type": ["string", "null"], "default": "a"})

    assert check_arguments(record, {"x": None}) == Arguments(
        cedar={}, forward={"x": None}, unrepresentable=()
    )
    assert check_arguments(record, {}) == Arguments(cedar={"x": "a"}, forward={"x": "a"}, unrepresentable=())


def test_unknown_members_of_an_open_object_pass_unseen_and_are_named() -> None:
    """At any depth, by their path."""
    record = _open(
        o={"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": True}
    )
    arguments = {"free": {"a": 1}, "o": {"x": "y", "also": None}}

    assert check_arguments(record, arguments) == Arguments(
        cedar={"o": {"x": "y"}}, forward=arguments, unrepresentable=("free", "o.also")
    )


def test_unknown_members_have_the_type_that_the_schema_gives_them(refusal: Refusal) -> None:
    """Policies don't see them, the server gets them, with the defaults of what they hold."""
    inner = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}
    record = read_input_schema(
        {"type": "object", "additionalProperties": {"anyOf": [inner, {"type": "null"}]}}
    )
    assert isinstance(record, Record)

    assert check_arguments(record, {"p": {}, "q": None}) == Arguments(
        cedar={}, forward={"p": {"n": 1}, "q": None}, unrepresentable=("p", "q")
    )
    assert refusal(check_arguments, record, {"p": {"n": "1"}}) == ("invalid_arguments", "wrong_type")
    assert refusal(check_arguments, record, {"p": 1}) == ("invalid_arguments", "wrong_type")


def test_an_array_of_objects_is_a_set_of_complete_ones(refusal: Refusal) -> None:
    """Without order or repetition, to policies; the tool gets it as it is, with defaults filled in."""
    row = {
        "type": "object",
        "properties": {"to": {"type": "string"}, "sum": {"type": "number", "default": 0.5}},
        "required": ["to"],
    }
    record = _record(rows={"type": "array", "items": row})
    rows = [{"to": "b"}, {"to": "a", "sum": 1}, {"sum": 0.5, "to": "b"}]
    seen = [{"to": "b", "sum": _decimal("0.5")}, {"to": "a", "sum": _decimal("1.0")}]

    assert check_arguments(record, {"rows": rows}) == Arguments(
        cedar={"rows": seen},
        forward={"rows": [{"to": "b", "sum": 0.5}, {"to": "a", "sum": 1}, {"sum": 0.5, "to": "b"}]},
        unrepresentable=(),
    )
    for wrong, detail in [([{}], "missing_argument"), ([{"to": 1}], "wrong_type"), ([None], "wrong_type")]:
        assert refusal(check_arguments, record, {"rows": wrong}) == ("invalid_arguments", detail)


def test_what_nothing_fits_may_not_be_given(refusal: Refusal) -> None:
    """Unless as null, where that is allowed."""
    record = _record(never=False, null={"type": "null"})

    assert refusal(check_arguments, record, {"never": None}) == ("invalid_arguments", "wrong_type")
    assert refusal(check_arguments, record, {"null": 0}) == ("invalid_arguments", "wrong_type")
    assert check_arguments(record, {"null": None}) == Arguments(
        cedar={}, forward={"null": None}, unrepresentable=()
    )


def test_arguments_of_unknown_types_are_all_unseen() -> None:
    """Nothing is visible, and everything is named."""
    assert unseen_arguments({"b": 1, "a": 2}) == Arguments(
        cedar={}, forward={"b": 1, "a": 2}, unrepresentable=("a", "b")
    )


RESERVED: dict[str, Any] = {
    "at the top": {"__entity": {"type": "User", "id": "corp/alice"}},
    "in an object": {"free": {"__extn": {"fn": "ip", "arg": "::1"}}},
    "in an array": {"free": [[{"a": {"__expr": 'User::"corp/alice"'}}]]},
    "under what can't be seen": {"hidden": {"a": {"__entity": 1}}},
    "a prototype": {"s": "x", "__proto__": {"force": True}},
    "a prototype further down": {"hidden": [{"a": {"__proto__": {}}}]},
    "where something else was expected": {"s": {"__entity": {"type": "User", "id": "corp/alice"}}},
}


@pytest.mark.parametrize("arguments", RESERVED.values(), ids=RESERVED.keys())
def test_names_that_somebody_would_misread_are_refused_at_any_depth(
    arguments: dict[str, Any], refusal: Refusal
) -> None:
    """`{"__entity": …}` would become that entity, `{"__proto__": …}` would stand in for others."""
    record = _open(s={"type": "string"}, hidden={"$ref": "#"})

    assert refusal(check_arguments, record, arguments) == ("invalid_arguments", "reserved_name")
    assert refusal(unseen_arguments, arguments) == ("invalid_arguments", "reserved_name")


NESTED = st.recursive(
    st.dictionaries(
        st.sampled_from(["__entity", "__extn", "__expr", "__proto__"]), st.integers(), min_size=1
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.text(max_size=2), inner, min_size=1)
    ),
    max_leaves=5,
)


@settings(max_examples=samples(50))
@given(st.dictionaries(st.text(max_size=3), NESTED, min_size=1))
def test_a_reserved_name_is_found_wherever_it_is(arguments: dict[str, Any]) -> None:
    """For every nesting of objects and arrays."""
    with pytest.raises(MessageError) as caught:
        unseen_arguments(arguments)

    assert caught.value.detail == "reserved_name"


@settings(max_examples=samples(200))
@given(
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-(10**6), 10**6, places=4).map(float)
)
def test_every_number_is_exact_or_refused(value: float) -> None:
    """The decimal that policies see is the number that the tool gets, to the last digit."""
    try:
        checked = check_arguments(_record(x={"type": "number"}), {"x": value})
    except MessageError as error:
        assert error.detail in ("out_of_range", "too_precise")
    else:
        seen = decimal.Decimal(checked.cedar["x"]["__extn"]["arg"])

        assert seen == decimal.Decimal(repr(value))


def test_what_one_call_may_hold_is_bounded_as_a_whole() -> None:
    """Lists within lists, and members that nobody named, each short enough by itself."""
    rows = Record({"rows": Member(type=Collection(Collection(Scalar("integer"))))})
    anything = Record({}, Member(type=Record({}, Member(type=Opaque("any")))))
    for record, arguments in (
        (Record({"x": Member(type=Collection(Record(rows.members)))}), {"x": [{"rows": [[]] * 9_000}] * 3}),
        (anything, {f"k{n}": {"z": 1} for n in range(10_001)}),
    ):
        with pytest.raises(MessageError) as caught:
            check_arguments(record, arguments)
        assert (caught.value.code, caught.value.detail) == ("invalid_arguments", "too_many")
    assert check_arguments(rows, {"rows": [[]] * 9_000}).cedar == {"rows": [[]]}
