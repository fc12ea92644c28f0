"""Types of a schema as the fold's unknowns: whatever value of the type there is, is covered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.cedar import (
    ANYTHING,
    PartialRecord,
    Record,
    Unknown,
    read_value,
    record,
    unknown_of,
    unknown_record,
)
from policy_engine.cedar.fold.shapes import same
from policy_engine.model import CedarJson

COMMON: dict[str, CedarJson] = {"Token": {"type": "Record", "attributes": {"scopes": {"type": "Set"}}}}


@pytest.mark.parametrize(
    ("type_", "shape"),
    [
        ({"type": "String"}, Unknown("string")),
        ({"type": "Long"}, Unknown("long")),
        ({"type": "Boolean"}, Unknown("bool")),
        ({"type": "Bool"}, Unknown("bool")),
        ({"type": "Set", "element": {"type": "String"}}, Unknown("set")),
        ({"type": "Entity", "name": "User"}, Unknown("entity", "User")),
        ({"type": "Extension", "name": "decimal"}, Unknown("decimal")),
        ({"type": "Extension", "name": "datetime"}, Unknown("datetime")),
        ({"type": "Extension", "name": "of tomorrow"}, ANYTHING),
        ({"type": "Token"}, record({"scopes": Unknown("set")})),
        ({"type": "EntityOrCommon", "name": "Token"}, record({"scopes": Unknown("set")})),
        ({"type": "EntityOrCommon", "name": "String"}, Unknown("string")),
        ({"type": "Unheard"}, ANYTHING),
        ({}, ANYTHING),
        ({"type": "Record", "attributes": {}}, Record({})),
    ],
    ids=str,
)
def test_a_type_says_what_is_known_of_its_values(type_: CedarJson, shape: Any) -> None:
    """Of a type that nobody knows, nothing is."""
    assert unknown_of(type_, COMMON) == shape


def test_a_record_type_says_which_fields_there_are() -> None:
    """Those that need not be there, and whether there may be more."""
    attributes = {"a": {"type": "String"}, "b": {"type": "Long", "required": False}}
    shape = unknown_record({"type": "Record", "attributes": attributes, "additionalAttributes": True})

    assert shape == PartialRecord(
        {"a": Unknown("string"), "b": Unknown("long")}, optional=frozenset({"b"}), open=True
    )


VALUES = st.deferred(
    lambda: st.one_of(
        st.tuples(st.just({"type": "String"}), st.text(max_size=3)),
        st.tuples(st.just({"type": "Long"}), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just({"type": "Boolean"}), st.booleans()),
        st.tuples(
            st.just({"type": "Set", "element": {"type": "Long"}}), st.lists(st.integers(0, 3), max_size=3)
        ),
        st.tuples(
            st.just({"type": "Extension", "name": "decimal"}),
            st.just({"__extn": {"fn": "decimal", "arg": "1.5"}}),
        ),
        records(),
    )
)


def records() -> st.SearchStrategy[tuple[CedarJson, Any]]:
    """A record type, and a record of it."""
    fields = st.dictionaries(st.sampled_from("abc"), st.tuples(VALUES, st.sampled_from("ro?")), max_size=3)
    return fields.map(
        lambda members: (
            {
                "type": "Record",
                "attributes": {
                    name: {**type_, "required": mode == "r"} for name, ((type_, _), mode) in members.items()
                },
            },
            {name: value for name, ((_, value), mode) in members.items() if mode != "?"},
        )
    )


@given(typed=VALUES)
def test_every_value_of_a_type_is_covered(typed: tuple[CedarJson, Any]) -> None:
    """It never is certain that a value differs from what is known of all values of its type."""
    type_, value = typed

    assert same(unknown_of(type_), read_value(value)) is not False
