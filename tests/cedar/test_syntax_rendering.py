"""Expressions and patterns, written as text again."""

import pytest
from hypothesis import given, settings

from policy_engine.cedar.syntax import Expression, build_up, children, read_tree, render, walk
from tests.cedar.syntax_trees import EXPRESSIONS
from tests.plugins.samples import samples


def reads_as(expression: str) -> Expression:
    """The expression that a text is."""
    return read_tree(f"permit(principal, action, resource) when {{ {expression} }};").conditions[0].body


@given(EXPRESSIONS)
@settings(max_examples=samples(200))
def test_what_is_rendered_reads_as_what_it_was(expression: Expression) -> None:
    """On one line, whatever texts are in it."""
    text = render(expression)

    assert reads_as(text) == expression
    assert text.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "1 + 2 - 3 * -4",
        "1 - (2 - 3)",
        "(1 + 2) * 3",
        "--1 == -(1)",
        "----context.a",
        "-(----context.a)",
        "!(!!!!context.a)",
        "(-1).a",
        "-1.a",
        "true && (true || false) && true",
        "true || true && false",
        "true && (true && true)",
        "(1 < 2) == (2 < 3)",
        'context.a["x y"].if_["if"]',
        'context has "then" && context has a',
        '(principal in [User::"a\\n", User::""]) in resource',
        'principal is A::B in Group::"g"',
        'context.s like "a\\*b*"',
        '{a: 1, "b c": if true then [] else {}}',
        "(if true then 1 else 2) + 1",
        'ip("::1").isInRange(ip("::/0"))',
        "context.tags.isEmpty()",
        'principal.getTag("a").contains("b")',
    ],
)
def test_brackets_stand_only_where_they_are_needed(text: str) -> None:
    """What was written so is rendered so."""
    assert render(reads_as(text)) == text


def test_a_walk_meets_each_part_once_from_left_to_right() -> None:
    """Outer before inner."""
    body = reads_as("{a: [1, 2], b: if context.c then ip(3) else 4 + 5 }")

    assert [render(node) for node in walk(body)] == [
        "{a: [1, 2], b: if context.c then ip(3) else 4 + 5}",
        "[1, 2]",
        "1",
        "2",
        "if context.c then ip(3) else 4 + 5",
        "context.c",
        "context",
        "ip(3)",
        "3",
        "4 + 5",
        "4",
        "5",
    ]


@given(EXPRESSIONS)
@settings(max_examples=samples(50))
def test_what_is_built_up_has_the_parts_in_their_order(expression: Expression) -> None:
    """Each item is made once, of what its own parts became."""

    def words(node: Expression, parts: list[list[Expression]]) -> list[Expression]:
        return [node, *(inner for part in parts for inner in part)]

    assert build_up(expression, children, words) == list(walk(expression))
