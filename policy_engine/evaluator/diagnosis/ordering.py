"""Comparisons by `<`, `<=`, `>` and `>=` of what can't be compared so."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policy_engine.cedar import Binary, Expression, Value
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.diagnosis.literals import rewritten, written_as
from policy_engine.evaluator.inference import CedarType, Fault, Plain, as_authors_say

__all__ = ["ORDERING", "order"]

ORDERING: Mapping[str, str] = MappingProxyType(
    {"<": "lessThan", "<=": "lessThanOrEqual", ">": "greaterThan", ">=": "greaterThanOrEqual"}
)
"""The operators, and the methods by which decimals are compared instead."""

_DECIMAL = Plain("decimal")
_COMPARED = "integers, datetimes and durations can be compared so"


def order(case: Case, faults: Sequence[Fault], node: Binary) -> Complaint:
    """Of one comparison."""
    fault = faults[0]
    left, right = case.type_of(node.left, fault), case.type_of(node.right, fault)
    if left is None or right is None:
        return Complaint(node.span, fault.sentence, _COMPARED)
    said = f"{case.said(node.left, left)}, {case.said(node.right, right)}"
    where, other = case.only_in(faults)
    problem = f"{said}: `{node.operator}` can't compare them{where}"
    if _DECIMAL in (left, right):
        return Complaint(node.span, problem, other or _as_method(case, node))
    spot, advice = _advice(node, left, right)
    return Complaint(spot.span, problem, other or advice)


def _as_method(case: Case, node: Binary) -> str:
    sides = [
        case.text(side) if (written := written_as(side, _DECIMAL)) is None else written
        for side in (node.left, node.right)
    ]
    return f"decimals have methods: `{sides[0]}.{ORDERING[node.operator]}({sides[1]})`"


def _advice(node: Binary, left: CedarType, right: CedarType) -> tuple[Expression, str]:
    if as_authors_say(left) != as_authors_say(right):
        for side, other in ((node.right, left), (node.left, right)):
            if isinstance(side, Value) and (advice := rewritten(side, other)) is not None:
                return side, advice
    return node, _COMPARED
