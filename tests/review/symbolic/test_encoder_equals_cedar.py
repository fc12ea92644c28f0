"""The encoding of policies says of each what Cedar says: whether it is satisfied, and whether it errs."""

import pytest

from tests.plugins.samples import FACTOR
from tests.review.symbolic.generating.comparing import Tally, compare, sample
from tests.review.symbolic.generating.edges import EDGES, ENVIRONMENTS, Edge, points
from tests.review.symbolic.generating.schemas import SCHEMAS, case

SEEDS, LONG_SEEDS = 5, 360
"""Some 490 points each."""


def drawn(name: str, first: int, count: int) -> Tally:
    """Many samples of one schema."""
    total = Tally()
    for seed in range(first, first + count):
        total.add(sample(name, seed))
    return total


@pytest.mark.parametrize("name", SCHEMAS)
def test_drawn_policies_come_to_what_cedar_says(name: str) -> None:
    """At drawn requests and stores, with errors and missing entities, the two never differ."""
    total = drawn(name, 0, SEEDS * FACTOR)
    assert total.mismatches == []
    # The sample is worth something: much is true, much errs, and little isn't encoded.
    assert total.points > 400 * SEEDS
    assert total.satisfied > total.points // 20
    assert total.errors > total.points // 100
    assert total.unencoded < SEEDS * FACTOR * 20 // 5


@pytest.mark.long
@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("part", range(10))
def test_half_a_million_points_come_to_what_cedar_says(name: str, part: int) -> None:
    """In 500,000 points, the two never differ."""
    count = LONG_SEEDS // 10
    total = drawn(name, 1_000_000 + part * count, count)
    assert total.mismatches == []
    assert total.points > 450 * count


@pytest.mark.parametrize(
    "edge", EDGES, ids=[f"{number}: {edge.condition}" for number, edge in enumerate(EDGES)]
)
def test_edges_come_to_what_cedar_says(edge: Edge) -> None:
    """At the edges of numbers, times, texts and groups, it is what stands in the table, for both."""
    text = f"permit (principal, action, resource) when {{ {edge.condition} }};"
    tally = compare(case(edge.schema), ENVIRONMENTS[edge.schema], [text], points(edge))
    assert tally.mismatches == []
    expected = (int(edge.verdict == "holds"), int(edge.verdict == "errs"), 0)
    assert (tally.satisfied, tally.errors, tally.unencoded) == expected
