"""What is wrong with a policy, said at the right character, with what was expected and how to mend it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar.syntax import read_tree
from policy_engine.errors import PolicyError
from tests.plugins.samples import samples

Case = dict[str, str]

CASES: list[Case] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "cedar_syntax_errors.json").read_text("utf-8")
)
"""A whole policy, or a condition that begins in column 8 of line 2; and what is said of it."""


def text_of(case: Case) -> str:
    """The policy of a case."""
    if "policy" in case:
        return case["policy"]
    return f"permit (principal, action, resource)\nwhen {{ {case['condition']} }};"


def said_of(text: str) -> tuple[str, str, str, str]:
    """Code, line and column, problem, and mend."""
    with pytest.raises(PolicyError) as caught:
        read_tree(text)
    error = caught.value
    return error.code, f"{error.line}:{error.column}", error.problem, error.remedy


@pytest.mark.parametrize("case", CASES, ids=[text_of(case) for case in CASES])
def test_a_mistake_is_told_where_it_is(case: Case) -> None:
    """What stands there or is missing, and how to mend it."""
    assert said_of(text_of(case)) == ("policy_syntax", case["at"], case["problem"], case["mend"])


def test_the_place_is_that_in_the_file() -> None:
    """Counted from where the policy begins."""
    with pytest.raises(PolicyError) as later:
        read_tree("permit (principal,\n  action);", file="a.cedar", line=7, column=5)
    with pytest.raises(PolicyError) as first:
        read_tree("permit (principal);", file="a.cedar", line=7, column=5)

    assert later.value.where == "a.cedar:8:9"
    assert first.value.where == "a.cedar:7:22"


def test_a_text_with_lines_is_not_taken_for_one_without_an_end() -> None:
    """Only next to where reading ends: annotations may well have lines."""
    assert said_of('@advice("one\ntwo") permit (principal, action);')[1:] == (
        "2:32",
        "expected `,`, `==` or `in` after the action, found `)`",
        "the head names principal, action and resource, in this order",
    )


def test_a_character_that_is_none_is_told() -> None:
    """Half of a pair of surrogates, as in a file of another encoding."""
    assert said_of('@id("\ud800") permit (principal, action, resource);')[1:] == (
        "1:6",
        "this character isn't Unicode text",
        "save the file as UTF-8",
    )


def test_long_words_are_cut_short() -> None:
    """A message is one line."""
    before, after = '"' + "x " * 60 + '"', '"' + "y" * 60 + '"'
    _, place, problem, _ = said_of(f"permit (principal, action, resource) when {{ {before} {after} }};")

    assert place == "1:168"
    assert problem == ("expected `}` or an operator after `" + before[:38] + "…, found `" + after[:39] + "…`")


def test_long_names_are_cut_short() -> None:
    """However long a name may be."""
    _, _, problem, mend = said_of(f"permit (principal, action, resource) when {{ {'a' * 10_000} }};")

    assert problem == f"`{'a' * 398}…"
    assert len(mend) == 400


WORDS = (
    "permit forbid ( ) principal action , resource ; when unless { } [ ] "
    '@id ("a") // " \\ == = in is has like User :: - ! if then else && || . context 1 "b" ?principal'
)
FRAGMENTS = st.sampled_from([*WORDS.split(), " ", "\n", "\ud800", "\0", "é", "\u2028"])


@given(st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=30).map(" ".join)))
@settings(max_examples=samples(300))
def test_whatever_is_not_a_policy_is_an_error_with_a_place(text: str) -> None:
    """Nothing but `PolicyError` comes of any text, and it points into the text or to its end."""
    try:
        read_tree(text)
    except PolicyError as error:
        lines = text.split("\n")
        assert error.code == "policy_syntax"
        assert error.line is not None
        assert error.column is not None
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        assert "\n" not in error.problem
        assert error.problem
        assert error.remedy
