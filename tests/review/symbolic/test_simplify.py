"""What smart constructors fold away makes no difference, and what they should see they see."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import CedarRequest
from policy_engine.model import EntityUid
from policy_engine.review.symbolic import (
    FALSE,
    TRUE,
    Ids,
    Operator,
    Point,
    Sort,
    Term,
    add,
    apply,
    at_most,
    choose,
    conjunction,
    constant,
    disjunction,
    divide,
    equal,
    evaluate,
    intersects,
    leaves,
    less,
    like,
    make_set,
    member,
    modulo,
    multiply,
    subset,
    term,
    variable,
)
from tests.plugins.samples import samples

BOOLS = [variable(Sort.BOOL, "context", name) for name in "abc"]
NUMBERS = [variable(Sort.INT, "context", name) for name in "mn"]
TEXTS = [variable(Sort.STRING, "context", name) for name in "st"]
SETS = [variable(Sort.INTS, "context", name) for name in "uv"]
A, B, C = BOOLS
M, N = NUMBERS
S, T = TEXTS
U, V = SETS

Pair = tuple[Term, Term]
"""A term as it was said, and what the constructors made of it."""


def _raw(operator: Operator, sort: Sort, *parts: Term, value: Any = None) -> Term:
    return term(operator, sort, *parts, value=value)


def _pairs(build: Callable[..., Pair], *parts: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.tuples(*parts).map(lambda drawn: build(*drawn))


def _same(leaf: Term) -> Pair:
    return leaf, leaf


def _both(operator: Operator, sort: Sort, made: Callable[..., Term]) -> Callable[..., Pair]:
    def build(*parts: Pair) -> Pair:
        return _raw(operator, sort, *(one for one, _ in parts)), made(*(other for _, other in parts))

    return build


def _bool(depth: int) -> st.SearchStrategy[Pair]:
    leaf = st.sampled_from([_same(each) for each in (*BOOLS, TRUE, FALSE)])
    if depth == 0:
        return leaf
    inner, number, text, of = _bool(depth - 1), _number(depth - 1), _text(), _set(depth - 1)
    many = st.lists(inner, max_size=4)
    return st.one_of(
        leaf,
        inner.map(lambda pair: (_raw(Operator.NOT, Sort.BOOL, pair[0]), ~pair[1])),
        many.map(lambda parts: _both(Operator.AND, Sort.BOOL, conjunction)(*parts)),
        many.map(lambda parts: _both(Operator.OR, Sort.BOOL, disjunction)(*parts)),
        _pairs(_both(Operator.EQUAL, Sort.BOOL, equal), inner, inner),
        _pairs(_both(Operator.EQUAL, Sort.BOOL, equal), number, number),
        _pairs(_both(Operator.EQUAL, Sort.BOOL, equal), text, text),
        _pairs(_both(Operator.EQUAL, Sort.BOOL, equal), of, of),
        _pairs(_both(Operator.IF, Sort.BOOL, choose), inner, inner, inner),
        _pairs(_both(Operator.LESS, Sort.BOOL, less), number, number),
        _pairs(_both(Operator.AT_MOST, Sort.BOOL, at_most), number, number),
        _pairs(_both(Operator.MEMBER, Sort.BOOL, member), number, of),
        _pairs(_both(Operator.SUBSET, Sort.BOOL, subset), of, of),
        _pairs(_both(Operator.INTERSECTS, Sort.BOOL, intersects), of, of),
        st.tuples(text, st.lists(st.sampled_from(["a", "", "b", None]), max_size=4)).map(_like),
    )


def _like(drawn: tuple[Pair, list[str | None]]) -> Pair:
    (one, other), pattern = drawn
    return _raw(Operator.LIKE, Sort.BOOL, one, value=tuple(pattern)), like(other, tuple(pattern))


def _number(depth: int) -> st.SearchStrategy[Pair]:
    leaf = st.sampled_from([_same(each) for each in (*NUMBERS, *map(constant, (-2, -1, 0, 1, 2)))])
    if depth == 0:
        return leaf
    inner = _number(depth - 1)
    return st.one_of(
        leaf,
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _both(Operator.ADD, Sort.INT, add)(*parts)),
        _pairs(_both(Operator.MULTIPLY, Sort.INT, multiply), inner, inner),
        _pairs(_both(Operator.IF, Sort.INT, choose), _bool(0), inner, inner),
        inner.map(lambda pair: (_raw(Operator.MODULO, Sort.INT, pair[0], constant(3)), modulo(pair[1], 3))),
        inner.map(lambda pair: (_raw(Operator.DIVIDE, Sort.INT, pair[0], constant(3)), divide(pair[1], 3))),
    )


def _text() -> st.SearchStrategy[Pair]:
    return st.sampled_from([_same(each) for each in (*TEXTS, constant("a"), constant(""))])


def _set(depth: int) -> st.SearchStrategy[Pair]:
    leaf = st.sampled_from([_same(each) for each in (*SETS, make_set(Sort.INTS))])
    written = st.lists(_number(0), max_size=3).map(
        lambda parts: (
            _raw(Operator.SET, Sort.INTS, *(one for one, _ in parts)),
            make_set(Sort.INTS, *(other for _, other in parts)),
        )
    )
    if depth == 0:
        return st.one_of(leaf, written)
    chosen = _pairs(_both(Operator.IF, Sort.INTS, choose), _bool(0), _set(depth - 1), _set(depth - 1))
    return st.one_of(leaf, written, chosen)


def _point(context: dict[str, Any]) -> Point:
    nobody = EntityUid("User", "")
    return Point(CedarRequest(nobody, nobody, nobody, context), [], Ids())


CONTEXTS = st.fixed_dictionaries(
    {
        **{name: st.booleans() for name in "abc"},
        **{name: st.integers(-3, 3) for name in "mn"},
        **{name: st.sampled_from(["", "a", "b", "ab"]) for name in "st"},
        **{name: st.lists(st.integers(-2, 2), max_size=3) for name in "uv"},
    }
)


@settings(max_examples=samples(200))
@given(_bool(3), st.lists(CONTEXTS, min_size=3, max_size=3))
def test_what_is_folded_makes_no_difference(pair: Pair, contexts: list[dict[str, Any]]) -> None:
    """A term comes to the same as what was made of it, whatever the values of its leaves."""
    said, made = pair
    for context in contexts:
        at = _point(context)
        assert evaluate(made, at) is evaluate(said, at)


@settings(max_examples=samples(80))
@given(_bool(3))
def test_folding_again_changes_nothing(pair: Pair) -> None:
    """What was made is simple already: said once more, it is the very same object."""
    _, made = pair
    assert conjunction(made, TRUE) is made
    assert disjunction(made, FALSE) is made
    assert conjunction(made, made) is made
    assert ~~made is made
    assert conjunction(made, ~made) is FALSE
    assert disjunction(made, ~made) is TRUE


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (conjunction(A, disjunction(~A, B)), conjunction(A, B)),
        (conjunction(A, disjunction(A, B)), A),
        (disjunction(A, conjunction(~A, B)), disjunction(A, B)),
        (disjunction(A, conjunction(A, B)), A),
        (conjunction(A, B, ~conjunction(A, B)), FALSE),
        (conjunction(A, ~disjunction(A, B)), FALSE),
        (conjunction(conjunction(A, B), disjunction(conjunction(~B, C), C)), conjunction(A, B, C)),
        (conjunction(equal(M, constant(1)), equal(M, constant(2))), FALSE),
        (conjunction(equal(M, constant(1)), ~equal(M, constant(2))), equal(M, constant(1))),
        (
            conjunction(equal(M, constant(1)), disjunction(equal(M, constant(2)), A)),
            conjunction(equal(M, constant(1)), A),
        ),
        (equal(constant(1), M), equal(M, constant(1))),
        (equal(N, M), equal(M, N)),
        (equal(A, TRUE), A),
        (equal(FALSE, A), ~A),
        (equal(A, ~A), FALSE),
        (equal(choose(A, constant(1), constant(2)), constant(2)), ~A),
        (
            equal(
                make_set(Sort.INTS, constant(2), constant(1)), make_set(Sort.INTS, constant(1), constant(2))
            ),
            TRUE,
        ),
        (equal(make_set(Sort.INTS, M), make_set(Sort.INTS)), FALSE),
        (less(M, M), FALSE),
        (at_most(M, N), ~less(N, M)),
        (add(M, constant(1), constant(-1)), M),
        (multiply(constant(0), M), constant(0)),
        (modulo(constant(-1), 3), constant(2)),
        (divide(constant(-1), 3), constant(-1)),
        (like(S, ("a",)), equal(S, constant("a"))),
        (like(S, (None, None)), TRUE),
        (like(S, ()), equal(S, constant(""))),
        (like(constant("a*b"), ("a*", None)), TRUE),
        (like(choose(A, constant("ab"), constant("b")), ("a", None)), A),
        (member(M, make_set(Sort.INTS)), FALSE),
        (member(M, choose(A, make_set(Sort.INTS, M), make_set(Sort.INTS))), A),
        (subset(make_set(Sort.INTS), U), TRUE),
        (intersects(U, V), intersects(V, U)),
        (intersects(U, make_set(Sort.INTS)), FALSE),
    ],
)
def test_what_is_certain_is_seen(made: Term, expected: Term) -> None:
    """Guards, complements, constants, and two ways to say one thing."""
    assert made is expected


def test_constants_of_two_sorts_differ() -> None:
    """To Python, 1 is True; to a formula, it isn't."""
    assert constant(1) is not constant(value=True)
    assert [constant(each).sort for each in (True, 1, "1")] == [Sort.BOOL, Sort.INT, Sort.STRING]


def test_leaves_are_found_once_and_inner_ones_first() -> None:
    """So that whoever gives them values has those of arguments before."""
    inner = apply(Sort.INT, ("attr", "T", "x"), M)
    outer = apply(Sort.BOOL, ("exists", "T"), inner)
    assert [*leaves(conjunction(outer, A), equal(inner, N))] == [M, inner, outer, A, N]


def test_all_small_truth_tables_agree() -> None:
    """Every way to join three truths by two connectives, with any of them denied."""
    signs = [*product((False, True), repeat=3)]
    joins = [(conjunction, Operator.AND), (disjunction, Operator.OR)]
    for (outer, outer_name), (inner, inner_name), deny in product(joins, joins, signs):
        one, two, three = (~each if no else each for each, no in zip(BOOLS, deny, strict=True))
        made = outer(one, inner(two, three), inner(~one, two))
        said = _raw(
            outer_name,
            Sort.BOOL,
            one,
            _raw(inner_name, Sort.BOOL, two, three),
            _raw(inner_name, Sort.BOOL, ~one, two),
        )
        for values in signs:
            at = _point(dict(zip("abc", values, strict=True)))
            assert evaluate(made, at) is evaluate(said, at)
