"""What Z3 says of the formulas that cvc5 is asked about."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from policy_engine.review.solving import text
from policy_engine.review.symbolic import Operator, Term

__all__ = ["opinion"]

SETS: Mapping[str, str] = MappingProxyType(
    {
        "empty": "((as const {sort}) false)",
        "one": "(store ((as const {sort}) false) {0} true)",
        "both": "(union {0} {1})",
        Operator.MEMBER: "(select {1} {0})",
        Operator.SUBSET: "(subset {0} {1})",
        Operator.INTERSECTS: "(not (= (intersection {0} {1}) ((as const {sort}) false)))",
    }
)
"""Z3's sets are arrays, and may be infinite: what can't be with these can't be with finite ones either."""


def opinion(z3: Any, assertions: Sequence[Term], seconds: float = 10) -> str:
    """`sat`, `unsat` or `unknown`."""
    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", int(seconds * 1000))
    solver.from_string(text(assertions, [], sets=SETS))
    return str(solver.check())
