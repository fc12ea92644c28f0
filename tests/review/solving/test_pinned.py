"""With every value pinned, a solver can only compute: it comes to what Cedar says, and to nothing else.

So what it takes each operator, literal and function for is what we mean by it.
"""

import random
from collections.abc import Iterator

import pytest

from policy_engine.cedar import Authorizer, parse_policies, tree_of
from policy_engine.review.solving import Query, Sat, Solver, Unsat
from policy_engine.review.symbolic import (
    Ids,
    Point,
    Sort,
    Term,
    Truth,
    World,
    constant,
    encode,
    environments,
    equal,
    evaluate,
    leaves,
    make_set,
)
from tests.plugins.second_opinion import opinion
from tests.plugins.solver import require_z3
from tests.review.symbolic.generating.policies import policy
from tests.review.symbolic.generating.schemas import SCHEMAS, case
from tests.review.symbolic.generating.worlds import world

Pinned = tuple[Term, list[Term], bool, str]
"""A formula that isn't constant, what pins its values, what Cedar says of it, and what it is about."""


def pinned(name: str, count: int) -> Iterator[Pinned]:
    """Policies at one point each."""
    chance = random.Random(f"pinned/{name}")
    known = case(name)
    while count > 0:
        environment = chance.choice([*environments(known.vocabulary)])
        text = policy(known.vocabulary, environment, chance)
        request, entities = world(known.vocabulary, environment, chance)
        (parsed,) = parse_policies(text)
        ids = Ids()
        encoded = encode(tree_of(parsed.est), World(known.vocabulary, environment, ids))
        answer = Authorizer.from_policies([parsed], known.schema).authorize(request, entities)
        point = Point(request, entities, ids)
        for formula, said in (
            (encoded.satisfied, bool(answer.policies)),
            (encoded.errs, bool(answer.errors)),
        ):
            if not encoded.havoc and formula.arguments:
                pins = [equal(leaf, value_of(leaf.sort, evaluate(leaf, point))) for leaf in leaves(formula)]
                yield formula, pins, said, f"{text}\n{request}\n{entities}"
                count -= 1


def value_of(sort: Sort, value: Truth) -> Term:
    """A value as a term."""
    if isinstance(value, frozenset):
        return make_set(sort, *[constant(item) for item in value])
    return constant(value)


def check(solver: Solver, drawn: list[Pinned]) -> None:
    """The formula can be true exactly if it is, and its negation if it isn't."""
    queries = [
        Query(assertions=(*pins, part)) for formula, pins, _, _ in drawn for part in (formula, ~formula)
    ]
    answers = iter(solver.solve_all(queries))
    for _, _, said, about in drawn:
        expected = (Sat({}), Unsat()) if said else (Unsat(), Sat({}))
        assert (next(answers), next(answers)) == expected, about


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_solver_computes_what_cedar_does(solver: Solver, name: str) -> None:
    """Of random policies, at one random request each."""
    check(solver, [*pinned(name, 30)])


@pytest.mark.long
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_solver_computes_what_cedar_does_of_many(solver: Solver, name: str) -> None:
    """The same of many more."""
    check(solver, [*pinned(name, 2000)])


def test_another_solver_computes_the_same() -> None:
    """Z3, of the same scripts but for the names of operations on sets."""
    z3 = require_z3()
    for name in SCHEMAS:
        for formula, pins, said, about in pinned(name, 8):
            told = opinion(z3, [*pins, formula]), opinion(z3, [*pins, ~formula])

            assert told == (("sat", "unsat") if said else ("unsat", "sat")), about
