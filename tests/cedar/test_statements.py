"""Cutting a text into policies, and measuring each before Cedar sees it."""

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar.source import MAX_BRACKETS, Statement, head_part, statements
from tests.plugins.samples import samples

ANY = "permit(principal, action, resource);"


@pytest.mark.parametrize("text", ["", " \n\t", "// only a comment; with a semicolon", "\u00a0// a\r\u2003"])
def test_a_text_without_policies_has_no_statements(text: str) -> None:
    """White space and comments are no policies."""
    assert statements(text) == ()


def test_each_statement_knows_its_place() -> None:
    """Line and column are those of the first annotation, whatever comes before."""
    text = f'// head;\n@id("a;b")\n{ANY} /*no comment in Cedar*/;\n\n   // c\n  {ANY}'

    assert statements(text) == (
        Statement(text=f'@id("a;b")\n{ANY}', line=2, column=1),
        Statement(text="/*no comment in Cedar*/;", line=3, column=38),
        Statement(text=ANY, line=6, column=3),
    )


def test_semicolons_in_strings_and_comments_do_not_end_a_policy() -> None:
    """Escaped quotes and line ends in strings are passed over."""
    text = 'permit(principal, action, resource) when { "a\\";\n;" != "" // ;\r };'

    assert statements(text) == (Statement(text=text, line=1, column=1),)


def test_a_string_that_is_never_closed_swallows_the_rest() -> None:
    """What Cedar will refuse stays in one piece."""
    text = 'permit(principal, action, resource) when { "a; \\'

    assert [statement.text for statement in statements(text)] == [text]


@pytest.mark.parametrize(
    ("body", "excess"),
    [
        ("(" * 101 + "1" + ")" * 101, "brackets nest deeper than 100 levels"),
        ("if true then true else " * 301 + "true", "more than 300 of `if`"),
        ("1 + " * 8_001 + "1", "more than 8,000 of `operator`"),
        ("context" + ".a" * 101, "more than 100 of `path`"),
    ],
    ids=["brackets", "if", "operator", "path"],
)
def test_what_would_overflow_the_stack_is_measured(body: str, excess: str) -> None:
    """Cedar's parser ends the process on such texts, so they are never shown to it."""
    text = f"permit(principal, action, resource) when {{ {body} == 1 }};"

    (statement,) = statements(text)

    assert statement.excess == excess


@pytest.mark.parametrize(
    "body",
    [
        "(" * (MAX_BRACKETS - 1) + "1" + ")" * (MAX_BRACKETS - 1) + " == 1",
        "if true then true else " * 300 + "true",
        "1 + " * 7_999 + "1 == 1",
        "context has a" + ".a" * 100,
        ", ".join(["context.a"] * 500).join("[]") + ".contains(1)",
    ],
    ids=["brackets", "if", "operator", "path", "list"],
)
def test_what_is_within_the_limits_parses(body: str) -> None:
    """The limits leave room for every policy that a person would write, and Cedar survives them."""
    text = f"permit(principal, action, resource) when {{ {body} }};"

    assert [statement.excess for statement in statements(text)] == [""]
    assert len(cedarpy.PolicySet.from_str(text)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ANY, ANY[:-1]),
        (f'@id("a") {ANY}', f'@id("a") {ANY[:-1]}'),
        (f'@a @ b // c ( \n ( "\\")" ) {ANY}', f'@a @ b // c ( \n ( "\\")" ) {ANY[:-1]}'),
        (f'@permit("permit(") @if {ANY[:-1]} when {{ (1) == 2 }};', f'@permit("permit(") @if {ANY[:-1]}'),
        (f"@a {'// x ' * 5000}\n {ANY}", f"@a {'// x ' * 5000}\n {ANY[:-1]}"),
        (
            'permit(principal == A::")", action, resource // )\n) unless { true };',
            'permit(principal == A::")", action, resource // )\n)',
        ),
        ('permit(principal == (A::"a"), action', 'permit(principal == (A::"a"), action'),
    ],
)
def test_the_head_ends_with_the_scope(text: str, expected: str) -> None:
    """Annotations, effect and scope; nothing of the conditions, whatever brackets strings hold."""
    assert head_part(text) == expected


BLANKS = [" ", "\n", "\r", "// c;", "\u2028", "\x0b"]
CODE = ["permit(principal, action, resource)", ' when { "a;b" like "*" }', '@id("a;\\"")', "@x ", ";"]
BROKEN = ['"', "\\", "/", "\0"]
PIECES = [*BLANKS, *CODE, *BROKEN]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@settings(max_examples=samples(300))
def test_statements_are_cedars_policies_one_by_one(text: str) -> None:
    """If Cedar accepts a text, it accepts each statement, as one policy; together they are the whole text."""
    parts = statements(text)
    lines = text.split("\n")
    position = 0
    for part in parts:
        start = sum(len(line) + 1 for line in lines[: part.line - 1]) + part.column - 1
        assert statements(text[position:start]) == ()
        assert text.startswith(part.text, start)
        position = start + len(part.text)
    assert statements(text[position:]) == ()
    try:
        whole = cedarpy.PolicySet.from_str(text)
    except ValueError:
        return
    assert [len(cedarpy.PolicySet.from_str(part.text)) for part in parts] == [1] * len(whole)


def _nested_paths(levels: int) -> str:
    body = "context has a.b"
    for _ in range(levels):
        body = f"({body}) has a.b"
    return f"permit (principal, action, resource) when {{ {body} }};"


def test_paths_that_multiply_are_refused_before_cedar_writes_them_out() -> None:
    """Each level of `(x has a.b) has a.b` doubles Cedar's JSON; thirty would exhaust memory."""
    many = " && ".join(["context has a.b.c"] * 300)
    side_by_side = f"permit (principal, action, resource) when {{ ({many}) }};"

    assert [statements(_nested_paths(levels))[0].excess != "" for levels in (1, 8, 9, 30)] == [
        False,
        False,
        True,
        True,
    ]
    assert statements(side_by_side)[0].excess == ""
