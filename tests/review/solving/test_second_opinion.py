"""Random formulas: two solvers that have nothing in common say the same of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.review.solving import Answer, Sat, Solver, Unknown, Unsat
from policy_engine.review.symbolic import Operator, Sort, Term
from policy_engine.review.symbolic.terms import term
from tests.plugins.samples import samples
from tests.plugins.second_opinion import opinion
from tests.plugins.solver import require_z3

TEXTS = ["", "a", "ab", "ba", '"', "\\u{61}", "é", "\U0010ffff"]
LONGS = [-(2**63), -8, -7, -1, 0, 1, 6, 7, 2**63 - 1]


def known(sort: Sort, value: bool | int | str) -> Term:  # noqa: FBT001 -- a value
    """A constant."""
    return term(Operator.CONSTANT, sort, value=value)


def leaf(sort: Sort) -> st.SearchStrategy[Term]:
    """Something that is free, of a sort: a variable, or a function of a number."""
    variables = st.sampled_from("xyz").map(lambda name: term(Operator.VARIABLE, sort, name=(name, sort)))
    numbers = st.sampled_from([0, 1]).map(lambda value: known(Sort.INT, value))
    applied = numbers.map(lambda number: term(Operator.APPLY, sort, number, name=("f", sort)))
    return variables | applied


def made(operator: Operator, sort: Sort, *parts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    """An operator of some parts."""
    return st.tuples(*parts).map(lambda arguments: term(operator, sort, *arguments))


NUMBER = leaf(Sort.INT) | st.sampled_from(LONGS).map(lambda value: known(Sort.INT, value))
DIVISOR = st.sampled_from([1, 7, 86_400_000]).map(lambda value: known(Sort.INT, value))
NUMBERS = (
    NUMBER
    | made(Operator.ADD, Sort.INT, NUMBER, NUMBER)
    | made(Operator.MULTIPLY, Sort.INT, st.sampled_from([-1, 3]).map(lambda n: known(Sort.INT, n)), NUMBER)
    | made(Operator.MODULO, Sort.INT, NUMBER, DIVISOR)
    | made(Operator.DIVIDE, Sort.INT, NUMBER, DIVISOR)
    | made(Operator.IF, Sort.INT, leaf(Sort.BOOL), NUMBER, NUMBER)
)
TEXT = leaf(Sort.STRING) | st.sampled_from(TEXTS).map(lambda value: known(Sort.STRING, value))
PATTERN = st.lists(st.none() | st.sampled_from(TEXTS[1:]), max_size=4).map(tuple)
LIKE = st.builds(lambda item, pattern: term(Operator.LIKE, Sort.BOOL, item, value=pattern), TEXT, PATTERN)


def sets(sort: Sort, element: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    """Free sets, and written ones."""
    return leaf(sort) | st.lists(element, max_size=3).map(lambda items: term(Operator.SET, sort, *items))


INTS, STRINGS = sets(Sort.INTS, NUMBER), sets(Sort.STRINGS, TEXT)
ATOM = (
    leaf(Sort.BOOL)
    | LIKE
    | made(Operator.EQUAL, Sort.BOOL, NUMBERS, NUMBERS)
    | made(Operator.LESS, Sort.BOOL, NUMBERS, NUMBERS)
    | made(Operator.AT_MOST, Sort.BOOL, NUMBERS, NUMBERS)
    | made(Operator.EQUAL, Sort.BOOL, TEXT, TEXT)
    | made(Operator.EQUAL, Sort.BOOL, STRINGS, STRINGS)
    | made(Operator.MEMBER, Sort.BOOL, NUMBERS, INTS)
    | made(Operator.MEMBER, Sort.BOOL, TEXT, STRINGS)
    | made(Operator.SUBSET, Sort.BOOL, STRINGS, STRINGS)
    | made(Operator.INTERSECTS, Sort.BOOL, INTS, INTS)
)
FORMULA = st.recursive(
    ATOM,
    lambda part: (
        part.map(lambda item: ~item)
        | made(Operator.AND, Sort.BOOL, part, part)
        | made(Operator.OR, Sort.BOOL, part, part)
        | made(Operator.IF, Sort.BOOL, part, part, part)
    ),
    max_leaves=8,
)
FORMULAS = st.lists(FORMULA, min_size=2, max_size=6)


def verdict(answer: Answer) -> str:
    """In SMT-LIB's words."""
    return {Sat: "sat", Unsat: "unsat", Unknown: "unknown"}[type(answer)]


@settings(max_examples=samples(80), derandomize=True)
@given(FORMULAS)
def test_z3_agrees(solver: Solver, formulas: list[Term]) -> None:
    """Where both know."""
    z3 = require_z3()
    mine, other = verdict(solver.solve(formulas)), opinion(z3, formulas)

    assert mine != "unknown"
    assert other in (mine, "unknown")
