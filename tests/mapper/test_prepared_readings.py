"""What is prepared once for many tokens says what a plain reading of each would."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MappingError
from policy_engine.mapper.facts import ScopesReader
from policy_engine.mapper.language import (
    OPERATORS,
    ClaimPath,
    ClaimType,
    Comparison,
    Id,
    Join,
    Layout,
    Read,
    Root,
    Text,
    bind,
)
from policy_engine.mapper.sources import SourceReader, Sources
from tests.plugins.samples import samples

NAMES = st.sampled_from(["a", "b", "c"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(-1, 1)
    | st.sampled_from(["", "a", "A b", "é k"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=3)
PATHS = st.builds(ClaimPath, st.lists(NAMES, min_size=1, max_size=3).map(tuple), st.sampled_from(list(Root)))
REFUSED = "refused"


def read_plainly(path: ClaimPath, claim_type: ClaimType, parts: Mapping[Root, Any]) -> object:
    """Go in by one name after the other, and look at what is there."""
    value = parts[path.root]
    for name in path.names:
        if not isinstance(value, dict):
            return REFUSED
        if name not in value:
            return None
        value = value[name]
    read = claim_type.read(value)
    return REFUSED if read is None else read


@settings(max_examples=samples(300))
@given(
    path=PATHS, claim_type=st.sampled_from(list(ClaimType)), header=OBJECTS, claims=OBJECTS, decoded=OBJECTS
)
def test_a_prepared_reading_is_a_plain_one(
    path: ClaimPath,
    claim_type: ClaimType,
    header: dict[str, Any],
    claims: dict[str, Any],
    decoded: dict[str, Any],
) -> None:
    """For any path into any token: the value, None where there is none, or a refusal."""
    expected = read_plainly(
        path, claim_type, {Root.HEADER: header, Root.CLAIMS: claims, Root.DECODED: decoded}
    )
    notes = []
    answer: object = REFUSED
    try:
        answer = Read(path, claim_type).value(header, claims, decoded)
    except MappingError as error:
        notes.append((error.code, error.detail, error.note, error.evidence))
    note = f"`{path}` is there, but isn't of type {claim_type}"

    assert answer == expected
    assert notes == ([("invalid_claim", "claim_type", note, (note,))] if expected == REFUSED else [])


def test_a_read_is_known_by_its_path_and_type() -> None:
    """What is prepared is no part of it: two rules that read one claim read it once."""
    one, same = (Read(ClaimPath(("a",)), ClaimType.STRING) for _ in range(2))
    layout = Layout()

    assert one == same
    assert hash(one) == hash(same)
    assert [layout.slot(one), layout.slot(same)] == [3, 3]
    assert one != Read(ClaimPath(("a",)), ClaimType.LIST)
    assert "function" not in repr(one)


TEXTS = st.sampled_from(["", "a", "b", "a.b", "b.a", "é"])


@given(
    operator=st.sampled_from(
        [name for name in OPERATORS if name not in ("matches", "in", "within", "contains")]
    ),
    left=st.sampled_from([Id("client_id"), Id("user_id"), Read(ClaimPath(("a",)), ClaimType.STRING)]),
    right=TEXTS,
    frame=st.tuples(*[st.none() | TEXTS] * 4),
)
def test_a_comparison_with_a_constant_says_what_any_other_does(
    operator: str, left: Id | Read, right: str, frame: tuple[str | None, ...]
) -> None:
    """A constant that is joined from one piece isn't seen to be one, and takes the longer way."""
    answers = []
    for term in (Text(right), Join((Text(right),))):
        layout = Layout()
        layout.slot(Read(ClaimPath(("a",)), ClaimType.STRING))
        rule = bind(Comparison(left, operator, term), {}, layout, lambda _id: None)
        answers.append([clause.holds for clause in rule.explain(list(frame))])

    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, ()),
        ({"scope": ""}, ()),
        ({"scope": []}, ()),
        ({"scope": "b a  b"}, ("b", "a")),
        ({"scope": ["b c", "a", "b c"]}, ("b c", "a")),
    ],
    ids=["none", "empty text", "empty array", "text", "array"],
)
def test_scopes_are_read_in_both_forms(claims: dict[str, Any], expected: tuple[str, ...]) -> None:
    """In their order, each once."""
    assert ScopesReader(ClaimPath(("scope",))).read(claims) == expected


@pytest.mark.parametrize("value", [None, 1, True, {}, ["a", 1], [["a"]]], ids=repr)
def test_scopes_of_another_form_are_refused(value: object) -> None:
    """Whichever of the two forms they come near to."""
    with pytest.raises(MappingError, match="claim_type"):
        ScopesReader(ClaimPath(("scope",))).read({"scope": value})


@given(claims=OBJECTS | st.just({"_claim_names": 7, "hasgroups": True, "groups:src1": ""}))
def test_where_nothing_is_to_be_read_nothing_is_said(claims: dict[str, Any]) -> None:
    """Not even that something was left out of the token."""
    said = SourceReader(Sources()).read({}, claims)

    assert (said.groups, said.roles, said.email) == (frozenset(), frozenset(), None)
    assert (dict(said.tags), dict(said.typed_attributes)) == ({}, {})
