"""Arguments that fit a pinned tool."""

from typing import Any, assert_never

from hypothesis import strategies as st

from policy_engine.harness.strategies.vocabulary import Vocabulary
from policy_engine.mcp import RESERVED, Collection, Member, Never, Opaque, Record, Scalar

__all__ = ["fitting_arguments"]

Value = st.SearchStrategy[Any]

_EXACT = 2**53 - 1
"""Larger integers aren't the same in every JSON reader, and so are refused."""

_UNITS = 10_000
"""Of a decimal: four digits after the point."""

_LARGEST = 10**9
_MOST = 4
"""Elements of a list: more of them tell policies nothing new."""


def fitting_arguments(record: Record, vocabulary: Vocabulary) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments that the engine takes for calls of a tool; optional ones are there or not.

    Args:
        record: the tool's argument types.
        vocabulary: values that are worth trying.
    """
    given = {name: member for name, member in record.members.items() if _may_be_given(name, member)}
    required = {name: _member(member, vocabulary) for name, member in given.items() if member.required}
    optional = {name: _member(member, vocabulary) for name, member in given.items() if not member.required}
    return st.fixed_dictionaries(required, optional=optional)


def _may_be_given(name: str, member: Member) -> bool:
    return name not in RESERVED and (not isinstance(member.type, Never) or member.nullable)


def _member(member: Member, vocabulary: Vocabulary) -> Value:
    if isinstance(member.type, Never):
        return st.none()
    value = _value(member.type, vocabulary)
    return st.none() | value if member.nullable else value


def _value(type_: Scalar | Collection | Record | Opaque, vocabulary: Vocabulary) -> Value:
    match type_:
        case Scalar():
            return _scalar(type_, vocabulary)
        case Collection():
            return st.lists(_value(type_.element, vocabulary), max_size=_MOST)
        case Record():
            return fitting_arguments(type_, vocabulary)
        case Opaque():
            return (
                st.text(max_size=_MOST) | st.integers(-_UNITS, _UNITS) | st.lists(st.booleans(), max_size=1)
            )
        case _:
            assert_never(type_)


def _scalar(type_: Scalar, vocabulary: Vocabulary) -> Value:
    if type_.choices is not None:
        return st.sampled_from(sorted(type_.choices, key=repr))
    match type_.kind:
        case "string":
            anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
            return _near(vocabulary.texts) | anything
        case "boolean":
            return st.booleans()
        case "integer":
            exact = tuple(number for number in vocabulary.numbers if abs(number) <= _EXACT)
            return _near(exact) | st.integers(-_EXACT, _EXACT)
        case "number":
            return st.integers(-_LARGEST, _LARGEST) | st.integers(-_LARGEST, _LARGEST).map(
                lambda units: units / _UNITS
            )
        case _:
            assert_never(type_.kind)


def _near(values: tuple[Any, ...]) -> Value:
    return st.sampled_from(values) if values else st.nothing()
