"""Random policies: what the solver says can be, Cedar confirms; what it says can't, no request shows."""

from functools import partial

import pytest

from policy_engine.review.solving import Solver
from tests.plugins.second_opinion import opinion
from tests.plugins.solver import require_cvc5, require_z3
from tests.review.symbolic.generating.schemas import SCHEMAS
from tests.review.witness.models import check, drawn


@pytest.mark.parametrize("name", SCHEMAS)
def test_models_are_confirmed_and_proofs_withstand(name: str) -> None:
    """Whether something is allowed, whether a policy is satisfied, errs, or does more than another."""
    require_cvc5()
    with Solver(timeout=60) as solver:
        counts = check(solver, [drawn(name, seed) for seed in range(5)])

    assert counts.faults == []
    assert counts.sat >= 20
    assert counts.folded + counts.unsat >= 15


def test_another_solver_agrees() -> None:
    """Z3 reads the same formulas."""
    require_cvc5()
    z3 = require_z3()
    with Solver(timeout=60) as solver:
        sets = [drawn(name, seed) for name in SCHEMAS for seed in (1000,)]
        counts = check(solver, sets, partial(opinion, z3))

    assert counts.faults == []
    assert counts.sat > 0


@pytest.mark.long
@pytest.mark.parametrize("name", SCHEMAS)
def test_many_models_are_confirmed(name: str) -> None:
    """The same of thousands of questions, each put to both solvers."""
    require_cvc5()
    z3 = require_z3()
    with Solver(timeout=60) as solver:
        counts = check(solver, [drawn(name, seed) for seed in range(5000, 5150)], partial(opinion, z3))

    assert counts.faults == []
    assert counts.sat >= 750
    assert counts.unsat >= 3
