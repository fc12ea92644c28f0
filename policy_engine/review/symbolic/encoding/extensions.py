"""Functions and methods of extension types; what is constant is computed by the fold's own table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from policy_engine.cedar import FUNCTIONS, Call, CedarValue, IpAddress
from policy_engine.review.symbolic.encoding.operators import out_of_range
from policy_engine.review.symbolic.encoding.results import (
    ERROR,
    UNENCODED,
    Result,
    errors,
    of,
    strict,
    truth,
)
from policy_engine.review.symbolic.encoding.sets import is_empty
from policy_engine.review.symbolic.simplify import (
    add,
    at_most,
    choose,
    constant,
    divide,
    less,
    modulo,
    multiply,
)
from policy_engine.review.symbolic.terms import TRUE, Term
from policy_engine.review.symbolic.values import Opaque, Scalar, Symbolic, Unseen, lift, lower
from policy_engine.review.symbolic.world import World

__all__ = ["call"]

_MINUS, _ZERO = constant(-1), constant(0)
_DAY = 86_400_000

Method = Callable[..., Result]


def call(world: World, node: Call, *arguments: Result) -> Result:
    """A function, or a method with its receiver."""
    settled = strict(*arguments)
    if settled is not None:
        return settled
    values = [argument.value for argument in arguments if argument.value is not None]
    function = FUNCTIONS.get(node.function)
    if function is None:
        return UNENCODED
    if len(function.takes) != len(values):
        return ERROR
    if node.function == "isEmpty":
        found = is_empty(world, values[0])
    elif any(_kind(value) != kind for value, kind in zip(values, function.takes, strict=True)):
        return ERROR
    else:
        found = _computed(world, node.function, values)
    return found if found.value is None else Result(errors(*arguments, found), found.value)


def _kind(value: Symbolic) -> str | None:
    match value:
        case Scalar(type_):
            return type_.lower()
        case Opaque(IpAddress()):
            return "ipaddr"
        case _:
            return None


def _computed(world: World, name: str, values: list[Symbolic]) -> Result:
    lowered = [lower(value, world.ids) for value in values]
    known: list[CedarValue] = [value for value in lowered if value is not None]
    if len(known) == len(values):
        result = FUNCTIONS[name].compute(*known)
        return ERROR if result is None else of(lift(result, world.ids))
    method = _METHODS.get(name)
    if method is None or any(isinstance(value, Unseen) for value in values):
        # A text that isn't known may be no decimal, datetime and so on.
        return UNENCODED
    return method(*(value.term for value in values if isinstance(value, Scalar)))


def _compares(compare: Callable[[Term, Term], Term]) -> Method:
    def method(one: Term, other: Term) -> Result:
        return truth(compare(one, other))

    return method


def _counted(type_: str, number: Term) -> Result:
    errs = out_of_range(number)
    return ERROR if errs is TRUE else Result(errs, Scalar(type_, number))


def _offset(moment: Term, length: Term) -> Result:
    return _counted("datetime", add(moment, length))


def _since(moment: Term, earlier: Term) -> Result:
    return _counted("duration", add(moment, multiply(_MINUS, earlier)))


def _date(moment: Term) -> Result:
    """The day that a moment is on: the begin of it, before 1970 too."""
    return _counted("datetime", multiply(divide(moment, _DAY), constant(_DAY)))


def _time(moment: Term) -> Result:
    return of(Scalar("duration", modulo(moment, _DAY)))


def _counts(unit: int) -> Method:
    def method(length: Term) -> Result:
        # Towards zero, where division goes down.
        up = multiply(_MINUS, divide(multiply(_MINUS, length), unit))
        return of(Scalar("Long", choose(less(length, _ZERO), up, divide(length, unit))))

    return method


_METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "lessThan": _compares(less),
        "lessThanOrEqual": _compares(at_most),
        "greaterThan": _compares(lambda one, other: less(other, one)),
        "greaterThanOrEqual": _compares(lambda one, other: at_most(other, one)),
        "offset": _offset,
        "durationSince": _since,
        "toDate": _date,
        "toTime": _time,
        "toMilliseconds": lambda length: of(Scalar("Long", length)),
        "toSeconds": _counts(1000),
        "toMinutes": _counts(60_000),
        "toHours": _counts(3_600_000),
        "toDays": _counts(_DAY),
    }
)
"""Of values that aren't known; what isn't here isn't followed then."""
