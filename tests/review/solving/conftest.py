"""A solver that tests share, where cvc5 is installed."""

from collections.abc import Iterator

import pytest

from policy_engine.review.solving import Solver
from tests.plugins.solver import require_cvc5


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    """One with two workers."""
    require_cvc5()
    with Solver(timeout=60) as running:
        yield running
