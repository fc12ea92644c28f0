"""Each part of a tree knows where it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar.syntax import (
    Binary,
    Expression,
    GetAttribute,
    HasAttribute,
    PolicyTree,
    Span,
    Variable,
    read_tree,
    read_trees,
    walk,
)
from policy_engine.errors import PolicyError
from tests.cedar.syntax_trees import POLICIES
from tests.cedar.syntax_writer import Writer
from tests.plugins.samples import samples

SEEDS = st.integers(0, 2**32)
TAIL = "(principal, action, resource)"


def reads_as(expression: str) -> Expression:
    """The expression that a text is, by itself in a policy."""
    return read_tree(f"permit{TAIL} when {{ {expression} }};").conditions[0].body


def spans_of(tree: PolicyTree) -> list[Span | None]:
    """The span of each part of a policy."""
    clauses = (tree.principal, tree.action, tree.resource)
    return [
        tree.span,
        tree.effect_span,
        *tree.annotation_spans.values(),
        *tree.comments,
        *(clause.span for clause in clauses),
        *(entity.span for clause in clauses for entity in clause.entities),
        *(condition.span for condition in tree.conditions),
        *(node.span for condition in tree.conditions for node in walk(condition.body)),
    ]


@given(POLICIES, SEEDS)
@settings(max_examples=samples(150))
def test_what_a_span_shows_is_the_part_that_has_it(tree: PolicyTree, seed: int) -> None:
    """Read by itself, the text of each clause, condition and expression gives that part again."""
    writer = Writer(seed, paths=False)
    text = writer.policy(tree)
    read = read_tree(text)

    def shown(span: Span | None) -> str:
        assert span is not None
        return text[span.start : span.end]

    assert shown(read.span) == text
    assert shown(read.effect_span) == tree.effect
    assert list(read.annotation_spans) == list(tree.annotations)
    for name, span in read.annotation_spans.items():
        assert read_tree(f"{shown(span)} permit{TAIL};").annotations == {name: tree.annotations[name]}
    head = ", ".join(shown(clause.span) for clause in (read.principal, read.action, read.resource))
    conditions = " ".join(shown(condition.span) for condition in read.conditions)
    again = read_tree(f"permit({head}) {conditions};")
    assert (again.principal, again.action, again.resource) == (tree.principal, tree.action, tree.resource)
    assert again.conditions == tree.conditions
    for condition in read.conditions:
        for node in walk(condition.body):
            assert reads_as(shown(node.span)) == node
            if isinstance(node, GetAttribute | HasAttribute):
                assert reads_as(f"context has {shown(node.name_span)}") == HasAttribute(
                    Variable("context"), node.name
                )
    for entity in (read.principal, read.action, read.resource):
        for literal in entity.entities:
            assert reads_as(shown(literal.span)) == literal
    assert [shown(comment) for comment in read.comments] == writer.comments


@given(POLICIES, SEEDS)
@settings(max_examples=samples(80))
def test_lines_and_columns_are_those_of_the_offset(tree: PolicyTree, seed: int) -> None:
    """Lines end with a line feed, and columns count characters."""
    text = Writer(seed).policy(tree)

    for span in spans_of(read_tree(text)):
        assert span is not None
        before = text[: span.start]
        assert (span.line, span.column) == (before.count("\n") + 1, span.start - before.rfind("\n"))
        assert span.start < span.end <= len(text)


@given(st.lists(POLICIES, max_size=3), SEEDS)
@settings(max_examples=samples(80))
def test_the_policies_of_a_file_stand_where_the_file_has_them(trees: list[PolicyTree], seed: int) -> None:
    """Spans of a file's policies count from the beginning of the file."""
    writer = Writer(seed)
    texts = [writer.policy(tree) for tree in trees]
    file = "// first: permit(principal, action, resource);\r\n" + " // next\n\n\t".join(texts)

    read = read_trees(file)

    assert read == tuple(trees)
    for tree, text in zip(read, texts, strict=True):
        assert isinstance(tree, PolicyTree)
        assert tree.span is not None
        assert file[tree.span.start : tree.span.end] == text
        for span in spans_of(tree):
            assert span is not None
            before = file[: span.start]
            assert (span.line, span.column) == (before.count("\n") + 1, span.start - before.rfind("\n"))


def test_a_policy_can_be_read_where_it_stands() -> None:
    """The place of its first character is given, and all others follow from it."""
    tree = read_tree(f'@id("a")\npermit{TAIL};', offset=100, line=7, column=5)

    assert tree.span == Span(100, 145, 7, 5)
    assert tree.annotation_spans == {"id": Span(100, 108, 7, 5)}
    assert tree.effect_span == Span(109, 115, 8, 1)


def test_what_is_no_policy_is_an_error_in_its_place() -> None:
    """The policies around it are read."""
    read = read_trees(f"permit{TAIL};\n  permit{TAIL[:-1]};\nforbid{TAIL};", "a.cedar")

    assert [item.effect if isinstance(item, PolicyTree) else item for item in read][::2] == [
        "permit",
        "forbid",
    ]
    assert isinstance(read[1], PolicyError)
    assert read[1].where == "a.cedar:2:9"


def test_the_steps_of_a_path_reach_from_the_target_to_their_own_names() -> None:
    """`has a.b` is one text for several nodes."""
    text = f"permit{TAIL} when {{ context has a . b }};"
    (condition,) = read_tree(text).conditions

    def shown(span: Span | None) -> str:
        assert span is not None
        return text[span.start : span.end]

    both = condition.body
    assert isinstance(both, Binary)
    assert isinstance(both.left, HasAttribute)
    assert isinstance(both.right, HasAttribute)
    assert isinstance(both.right.target, GetAttribute)
    assert both == reads_as("context has a && context.a has b")
    assert [shown(node.span) for node in walk(both)] == [
        "context has a . b",
        "context has a",
        "context",
        "context has a . b",
        "context has a",
        "context",
    ]
    assert [shown(node.name_span) for node in (both.left, both.right, both.right.target)] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(1 + 2) * (3)", ["(1 + 2) * (3)", "1 + 2", "1", "2", "3"]),
        ("!! ( true )", ["!! ( true )", "! ( true )", "true"]),
        ("- -1", ["- -1", "-1"]),
        ("1 - 2 - 3", ["1 - 2 - 3", "1 - 2", "1", "2", "3"]),
    ],
)
def test_brackets_belong_to_what_is_around_them(text: str, shown: list[str]) -> None:
    """A part in brackets is shown without them; what it is a part of, with them."""
    whole = f"permit{TAIL} when {{ {text} }};"
    body = read_tree(whole).conditions[0].body

    assert [whole[node.span.start : node.span.end] for node in walk(body) if node.span] == shown
