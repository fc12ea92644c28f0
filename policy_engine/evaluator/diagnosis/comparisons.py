"""Values of two types in one place: comparisons, elements of sets, branches of a choice."""

from collections.abc import Sequence

from policy_engine.cedar import Binary, Expression, SetLiteral, Value
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.diagnosis.literals import example_of, rewritten
from policy_engine.evaluator.inference import (
    CedarType,
    Fault,
    SetOf,
    as_authors_say,
)

__all__ = ["incompatible"]


def incompatible(case: Case, faults: Sequence[Fault]) -> Complaint:
    """Of two types that are never one."""
    fault = faults[0]
    match fault.within:
        case Binary("contains" | "containsAll" | "containsAny"):
            return _of_elements(case, faults, fault.within)
        case Binary():
            return _of_equality(case, faults, fault.within)
        case SetLiteral():
            return _of_set(case, fault, fault.within)
        case _:
            return _of_branches(fault)


def _of_equality(case: Case, faults: Sequence[Fault], node: Binary) -> Complaint:
    left, right = faults[0].types
    spot, advice = _advice(case, node, left, right)
    said = f"{case.said(node.left, left)}, {case.said(node.right, right)}"
    where, other = case.only_in(faults)
    problem = f"{said}: they are never equal{where}"
    whole, item = (node.left, node.right) if isinstance(left, SetOf) else (node.right, node.left)
    if isinstance(left, SetOf) != isinstance(right, SetOf):
        advice = f"ask the set: `{case.text(whole)}.contains({case.text(item)})`"
    return Complaint(spot.span, problem, other or advice or "compare with a value of the same type")


def _of_elements(case: Case, faults: Sequence[Fault], node: Binary) -> Complaint:
    left, right = faults[0].types
    where, other = case.only_in(faults)
    if node.operator != "contains":
        said = f"{case.said(node.left, left)}, {case.said(node.right, right)}"
        return Complaint(node.right.span, f"{said}: they have nothing in common{where}", other or _like(left))
    held = f"`{case.text(node.left)}` holds {_many(left)}"
    problem = f"{held}, {case.said(node.right, right)}"
    return Complaint(
        node.right.span, f"{problem}{where}", other or rewritten(node.right, left) or _like(left)
    )


def _of_set(case: Case, fault: Fault, node: SetLiteral) -> Complaint:
    first, second = fault.types
    said = f"{case.said(node.items[0], first)}, {case.said(fault.node, second)}"
    advice = rewritten(fault.node, first) or "write a set for each type"
    return Complaint(fault.node.span, f"a set holds values of one type: {said}", advice)


def _of_branches(fault: Fault) -> Complaint:
    first, second = fault.types
    said = f"`then` gives {as_authors_say(first)}, `else` {as_authors_say(second)}"
    advice = rewritten(fault.node, first) or "let both give the same type"
    return Complaint(fault.node.span, f"a choice has one type: {said}", advice)


def _advice(case: Case, node: Binary, left: CedarType, right: CedarType) -> tuple[Expression, str | None]:
    """The side that is better changed, and how."""
    if (advice := rewritten(node.right, left)) is not None:
        return node.right, advice
    if (advice := rewritten(node.left, right)) is not None:
        return node.left, advice
    if isinstance(node.left, Value) or (example := example_of(left)) is None:
        return node, None
    return node, f"compare `{case.text(node.left)}` with {as_authors_say(left)}, such as `{example}`"


def _many(element: CedarType) -> str:
    return as_authors_say(SetOf(element)).removeprefix("a set of ")


def _like(type_: CedarType) -> str:
    example = example_of(type_)
    return "compare with values of the same type" if example is None else f"write one such as `{example}`"
