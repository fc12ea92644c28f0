"""Operators that look at the values of both their sides, as a table.

`&&` and `||` aren't here: they don't always look at the right side.
"""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar.fold.access import get_tag, has_tag, is_in
from policy_engine.cedar.fold.request import PartialRequest
from policy_engine.cedar.fold.result import FALSE, Folded, error, of, truth
from policy_engine.cedar.fold.shapes import PartialRecord, Shape, Unknown, same
from policy_engine.cedar.fold.values import LONGS, Datetime, Duration, Long, SetOf

__all__ = ["BINARY", "Operator", "negative"]

Operator = Callable[[PartialRequest, Shape, Shape], Folded]

_TYPE_ERROR = frozenset({"type_error"})
_OVERFLOW = frozenset({"overflow"})
_COMPARABLE = frozenset({"long", "datetime", "duration"})


def _equal(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
    return truth(same(left, right))


def _unequal(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
    known = same(left, right)
    return truth(None if known is None else not known)


def _compares(holds: Callable[[int, int], bool]) -> Operator:
    def compare(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
        kinds = {left.kind, right.kind}
        known = kinds - {None}
        if len(known) > 1 or not known <= _COMPARABLE:
            return error("type_error")
        numbers = (_number(left), _number(right))
        if numbers[0] is not None and numbers[1] is not None:
            return truth(holds(numbers[0], numbers[1]))
        return truth(None).after(_TYPE_ERROR if None in kinds else frozenset())

    return compare


def _number(shape: Shape) -> int | None:
    match shape:
        case Long():
            return shape.value
        case Datetime() | Duration():
            return shape.milliseconds
        case _:
            return None


def _computes(compute: Callable[[int, int], int]) -> Operator:
    def arithmetic(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
        if not {left.kind, right.kind} <= {None, "long"}:
            return error("type_error")
        if isinstance(left, Long) and isinstance(right, Long):
            return _long(compute(left.value, right.value))
        doubt = _TYPE_ERROR if None in (left.kind, right.kind) else frozenset()
        return Folded(Unknown("long"), _OVERFLOW | doubt)

    return arithmetic


def negative(operand: Shape) -> Folded:
    """`-operand`."""
    match operand:
        case Long():
            return _long(-operand.value)
        case Unknown(kind="long"):
            return Folded(Unknown("long"), _OVERFLOW)
        case Unknown(kind=None):
            return Folded(Unknown("long"), _OVERFLOW | _TYPE_ERROR)
        case _:
            return error("type_error")


def _long(value: int) -> Folded:
    return of(Long(value)) if value in LONGS else error("overflow")


def _contains(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
    match left:
        case SetOf() if not isinstance(right, Unknown | PartialRecord):
            return truth(right in left.items)
        case SetOf():
            # The sought value isn't known in full, so it equals no item for certain, but may equal none.
            return truth(None) if any(same(item, right) is not False for item in left.items) else FALSE
        case Unknown(kind="set"):
            return truth(None)
        case Unknown(kind=None):
            return truth(None).after(_TYPE_ERROR)
        case _:
            return error("type_error")


def _sets(holds: Callable[[SetOf, SetOf], bool]) -> Operator:
    def compare(_request: PartialRequest, left: Shape, right: Shape) -> Folded:
        if not {left.kind, right.kind} <= {None, "set"}:
            return error("type_error")
        if isinstance(left, SetOf) and isinstance(right, SetOf):
            return truth(holds(left, right))
        return truth(None).after(_TYPE_ERROR if None in (left.kind, right.kind) else frozenset())

    return compare


BINARY: Mapping[str, Operator] = MappingProxyType(
    {
        "==": _equal,
        "!=": _unequal,
        "<": _compares(operator.lt),
        "<=": _compares(operator.le),
        ">": _compares(operator.gt),
        ">=": _compares(operator.ge),
        "+": _computes(operator.add),
        "-": _computes(operator.sub),
        "*": _computes(operator.mul),
        "in": is_in,
        "contains": _contains,
        "containsAll": _sets(lambda left, right: left.items >= right.items),
        "containsAny": _sets(lambda left, right: not left.items.isdisjoint(right.items)),
        "getTag": get_tag,
        "hasTag": has_tag,
    }
)
