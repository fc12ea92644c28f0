"""Functions and methods of Cedar's extension types, as a table; a name without a row is no function.

docs.cedarpolicy.com, "Operators and functions": decimal, ipaddr, datetime and duration; `isEmpty` of sets is
here too, since it is written and evaluated like a method.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.cedar.diagnostics import OTHER
from policy_engine.cedar.fold import moments, texts
from policy_engine.cedar.fold.ranges import in_range, is_ipv4, is_ipv6, is_loopback, is_multicast
from policy_engine.cedar.fold.result import Folded, error, of
from policy_engine.cedar.fold.shapes import PartialRecord, Shape, Unknown, kind_of
from policy_engine.cedar.fold.values import (
    Bool,
    CedarValue,
    Datetime,
    Decimal,
    Duration,
    IpAddress,
    Kind,
    Long,
    SetOf,
    String,
)

__all__ = ["FUNCTIONS", "Function", "call"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        takes: the types of its arguments; the receiver of a method is the first.
        gives: the type of its result.
        compute: from arguments of these types to the result; None is an error.
        fails: whether it may err where the types are right.
    """

    takes: tuple[Kind, ...]
    gives: Kind
    compute: Callable[..., CedarValue | None]
    fails: bool = False


def _reads(gives: Kind, read: Callable[[str], CedarValue | None]) -> Function:
    def compute(text: String) -> CedarValue | None:
        return read(text.value)

    return Function(("string",), gives, compute, fails=True)


def _compares(holds: Callable[[int, int], bool]) -> Function:
    def compute(one: Decimal, other: Decimal) -> Bool:
        return Bool(holds(one.units, other.units))

    return Function(("decimal", "decimal"), "bool", compute)


def _is(holds: Callable[[IpAddress], bool]) -> Function:
    def compute(address: IpAddress) -> Bool:
        return Bool(holds(address))

    return Function(("ipaddr",), "bool", compute)


def _counts(unit: int) -> Function:
    def compute(length: Duration) -> Long:
        # Towards zero, where Python's `//` goes down.
        count = abs(length.milliseconds) // unit
        return Long(count if length.milliseconds >= 0 else -count)

    return Function(("duration",), "long", compute)


def _in_range(one: IpAddress, other: IpAddress) -> Bool:
    return Bool(in_range(one, other))


def _is_empty(items: SetOf) -> Bool:
    return Bool(not items.items)


def _offset(moment: Datetime, by: Duration) -> Datetime | None:
    return moments.datetime_of(moment.milliseconds + by.milliseconds)


def _since(moment: Datetime, earlier: Datetime) -> Duration | None:
    return moments.duration_of(moment.milliseconds - earlier.milliseconds)


def _date(moment: Datetime) -> Datetime | None:
    return moments.datetime_of(moment.milliseconds // moments.DAY * moments.DAY)


def _time(moment: Datetime) -> Duration:
    return Duration(moment.milliseconds % moments.DAY)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "isEmpty": Function(("set",), "bool", _is_empty),
        "decimal": _reads("decimal", texts.read_decimal),
        "lessThan": _compares(lambda one, other: one < other),
        "lessThanOrEqual": _compares(lambda one, other: one <= other),
        "greaterThan": _compares(lambda one, other: one > other),
        "greaterThanOrEqual": _compares(lambda one, other: one >= other),
        "ip": _reads("ipaddr", texts.read_ip),
        "isIpv4": _is(is_ipv4),
        "isIpv6": _is(is_ipv6),
        "isLoopback": _is(is_loopback),
        "isMulticast": _is(is_multicast),
        "isInRange": Function(("ipaddr", "ipaddr"), "bool", _in_range),
        "datetime": _reads("datetime", texts.read_datetime),
        "offset": Function(("datetime", "duration"), "datetime", _offset, fails=True),
        "durationSince": Function(("datetime", "datetime"), "duration", _since, fails=True),
        "toDate": Function(("datetime",), "datetime", _date, fails=True),
        "toTime": Function(("datetime",), "duration", _time),
        "duration": _reads("duration", texts.read_duration),
        "toMilliseconds": _counts(1),
        "toSeconds": _counts(1000),
        "toMinutes": _counts(60_000),
        "toHours": _counts(3_600_000),
        "toDays": _counts(moments.DAY),
    }
)


def call(name: str, *arguments: Shape) -> Folded:
    """Call a function with arguments of which perhaps not everything is known."""
    function = FUNCTIONS.get(name)
    if function is None or len(function.takes) != len(arguments):
        return error(OTHER)
    kinds = [kind_of(argument) for argument in arguments]
    if any(kind not in (None, wanted) for kind, wanted in zip(kinds, function.takes, strict=True)):
        return error("type_error")
    known: list[Any] = [given for given in arguments if not isinstance(given, Unknown | PartialRecord)]
    if len(known) == len(arguments):
        value = function.compute(*known)
        return error("extension_error") if value is None else of(value)
    errors = {"type_error"} if None in kinds else set()
    return Folded(
        Unknown(function.gives), frozenset(errors | ({"extension_error"} if function.fails else set()))
    )
