"""Operators of truth values, numbers and choices."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar import Binary, If, Unary
from policy_engine.review.symbolic.choosing import choose_value
from policy_engine.review.symbolic.encoding.access import get_tag, has_tag, is_in
from policy_engine.review.symbolic.encoding.equality import same
from policy_engine.review.symbolic.encoding.results import (
    ERROR,
    UNENCODED,
    Result,
    as_truth,
    errors,
    strict,
    truth,
)
from policy_engine.review.symbolic.encoding.sets import contains, contains_all, contains_any
from policy_engine.review.symbolic.simplify import (
    add,
    at_most,
    choose,
    conjunction,
    constant,
    disjunction,
    less,
    multiply,
)
from policy_engine.review.symbolic.terms import TRUE, Term
from policy_engine.review.symbolic.values import LONG_MAX, LONG_MIN, Scalar, Symbolic
from policy_engine.review.symbolic.world import World

__all__ = ["binary", "choice", "out_of_range", "unary"]

_COMPARABLE = frozenset({"Long", "datetime", "duration"})
_MINUS = constant(-1)

Operation = Callable[[World, Symbolic, Symbolic], Result]
"""Of two values that are followed; that they may be errors is seen to elsewhere."""


def out_of_range(number: Term) -> Term:
    """Whether a number is none that Cedar can count."""
    return disjunction(less(number, LONG_MIN), less(LONG_MAX, number))


def both(left: Result, right: Result) -> Result:
    """`left && right`: the right side is looked at only where the left one holds."""
    one = as_truth(left)
    if one is None:
        return UNENCODED
    errs, holds = one
    if errs is TRUE:
        return ERROR
    other = (TRUE, ~TRUE) if holds is ~TRUE else as_truth(right)
    if other is None:
        return UNENCODED
    return truth(conjunction(holds, other[1]), disjunction(errs, conjunction(holds, other[0])))


def either(left: Result, right: Result) -> Result:
    """`left || right`: the right side is looked at only where the left one doesn't hold."""
    one = as_truth(left)
    if one is None:
        return UNENCODED
    errs, holds = one
    if errs is TRUE:
        return ERROR
    other = (TRUE, TRUE) if holds is TRUE else as_truth(right)
    if other is None:
        return UNENCODED
    return truth(disjunction(holds, other[1]), disjunction(errs, conjunction(~holds, other[0])))


def choice(_world: World, _node: If, condition: Result, then: Result, otherwise: Result) -> Result:
    """`if condition then a else b`: one of the two is looked at."""
    asked = as_truth(condition)
    if asked is None:
        return UNENCODED
    errs, holds = asked
    if errs is TRUE:
        return ERROR
    if holds is TRUE or holds is ~TRUE:
        chosen = then if holds is TRUE else otherwise
        return chosen if chosen.value is None else Result(disjunction(errs, chosen.errs), chosen.value)
    erring = disjunction(errs, choose(holds, then.errs, otherwise.errs))
    if then.value is None or otherwise.value is None:
        # Where one side errs in any case, a value is that of the other.
        return Result(erring, otherwise.value if then.value is None else then.value)
    return Result(erring, choose_value(holds, then.value, otherwise.value))


def unary(_world: World, node: Unary, operand: Result) -> Result:
    """`!x`, `-x`."""
    settled = strict(operand)
    if settled is not None:
        return settled
    operator: str = node.operator
    match operator, operand.value:
        case "!", Scalar("Bool", holds):
            return truth(~holds, operand.errs)
        case "neg", Scalar("Long", number):
            return _counted(multiply(_MINUS, number), operand.errs)
        case "!" | "neg", _:
            return ERROR
        case _:
            return UNENCODED


def binary(world: World, node: Binary, left: Result, right: Result) -> Result:
    """Any operator with two sides."""
    if node.operator == "&&":
        return both(left, right)
    if node.operator == "||":
        return either(left, right)
    settled = strict(left, right)
    if settled is not None:
        return settled
    operation = OPERATIONS.get(node.operator)
    if operation is None or left.value is None or right.value is None:
        return UNENCODED
    found = operation(world, left.value, right.value)
    if found.value is None:
        return found
    return Result(errors(left, right, found), found.value)


def _counted(number: Term, errs: Term) -> Result:
    erring = disjunction(errs, out_of_range(number))
    return ERROR if erring is TRUE else Result(erring, Scalar("Long", number))


def _computes(compute: Callable[[Term, Term], Term]) -> Operation:
    def operation(_world: World, left: Symbolic, right: Symbolic) -> Result:
        match left, right:
            case Scalar("Long", one), Scalar("Long", other):
                return _counted(compute(one, other), ~TRUE)
            case _:
                return ERROR

    return operation


def _compares(compare: Callable[[Term, Term], Term]) -> Operation:
    def operation(_world: World, left: Symbolic, right: Symbolic) -> Result:
        match left, right:
            case Scalar(one), Scalar(other) if one == other and one in _COMPARABLE:
                return truth(compare(left.term, right.term))
            case _:
                return ERROR

    return operation


def _subtract(one: Term, other: Term) -> Term:
    return add(one, multiply(_MINUS, other))


def _equal(world: World, left: Symbolic, right: Symbolic) -> Result:
    found = same(left, right, world.ids)
    return UNENCODED if found is None else truth(found)


def _unequal(world: World, left: Symbolic, right: Symbolic) -> Result:
    found = same(left, right, world.ids)
    return UNENCODED if found is None else truth(~found)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "==": _equal,
        "!=": _unequal,
        "<": _compares(less),
        "<=": _compares(at_most),
        ">": _compares(lambda one, other: less(other, one)),
        ">=": _compares(lambda one, other: at_most(other, one)),
        "+": _computes(add),
        "-": _computes(_subtract),
        "*": _computes(multiply),
        "in": is_in,
        "contains": contains,
        "containsAll": contains_all,
        "containsAny": contains_any,
        "getTag": get_tag,
        "hasTag": has_tag,
    }
)
"""What looks at both of its sides."""
