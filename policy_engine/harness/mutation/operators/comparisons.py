"""Comparisons, and the numbers in them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from policy_engine.cedar import Binary, Call, Span, Value
from policy_engine.harness.mutation.source import Edit, Source

__all__ = [
    "arithmetic_swapped",
    "comparison_changed",
    "literal_nudged",
    "number_nudged",
    "sets_compared_otherwise",
]

_OTHERWISE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "==": ("!=",),
        "!=": ("==",),
        "<": ("<=", ">"),
        "<=": ("<", ">="),
        ">": (">=", "<"),
        ">=": (">", "<="),
    }
)
"""The bound itself, and the other direction."""

_METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lessThan": ("lessThanOrEqual", "greaterThan"),
        "lessThanOrEqual": ("lessThan", "greaterThanOrEqual"),
        "greaterThan": ("greaterThanOrEqual", "lessThan"),
        "greaterThanOrEqual": ("greaterThan", "lessThanOrEqual"),
        "isIpv4": ("isIpv6",),
        "isIpv6": ("isIpv4",),
        "isLoopback": ("isMulticast",),
        "isMulticast": ("isLoopback",),
    }
)

_ARITHMETIC: Mapping[str, str] = MappingProxyType({"+": "-", "-": "+", "*": "+"})

_SETS: Mapping[str, str] = MappingProxyType({"containsAll": "containsAny", "containsAny": "containsAll"})

_LONGS = range(-(2**63), 2**63)
_UNIT = Decimal("0.0001")
_LAST_NUMBER = re.compile(r"(\d+)(?=(?:d|h|m|s|ms)$)")
_PREFIX = re.compile(r"/(\d+)$")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{3}))?(Z|[+-]\d{4}))?")


def comparison_changed(source: Source) -> Iterator[Edit]:
    """`<` → `<=`, `>`; `==` ↔ `!=`; likewise `lessThan` and its kin."""
    for node in source.expressions():
        if isinstance(node, Binary) and node.operator in _OTHERWISE:
            yield from _operators(source, node, _OTHERWISE[node.operator])
        elif isinstance(node, Call) and node.function in _METHODS:
            yield from _methods(
                source, node.arguments[0].span, node.span, node.function, _METHODS[node.function]
            )


def sets_compared_otherwise(source: Source) -> Iterator[Edit]:
    """`containsAll` ↔ `containsAny`."""
    for node in source.expressions():
        if isinstance(node, Binary) and node.operator in _SETS:
            yield from _methods(source, node.left.span, node.span, node.operator, (_SETS[node.operator],))


def arithmetic_swapped(source: Source) -> Iterator[Edit]:
    """`+` ↔ `-`, `*` → `+`."""
    for node in source.expressions():
        if isinstance(node, Binary) and node.operator in _ARITHMETIC:
            for edit in _operators(source, node, (_ARITHMETIC[node.operator],)):
                yield source.in_brackets(node, edit)


def number_nudged(source: Source) -> Iterator[Edit]:
    """One more, and one less."""
    for node in source.expressions():
        if isinstance(node, Value) and type(node.value) is int:
            for number in (node.value + 1, node.value - 1):
                if number in _LONGS:
                    yield source.replaced(node.span, str(number))


def literal_nudged(source: Source) -> Iterator[Edit]:
    """The least that a decimal, a duration, a moment or a range of addresses can be greater, or less."""
    for node in source.expressions():
        if isinstance(node, Call) and node.function in _NUDGES:
            (argument,) = node.arguments
            if isinstance(argument, Value):
                for text in _NUDGES[node.function](str(argument.value)):
                    yield source.replaced(argument.span, f'"{text}"')


def _operators(source: Source, node: Binary, others: tuple[str, ...]) -> Iterator[Edit]:
    left, right = node.left.span, node.right.span
    if left is not None and right is not None:
        at = source.token(node.operator, left.end, right.start)
        for other in others:
            yield Edit(at, at + len(node.operator), other)


def _methods(
    source: Source, target: Span | None, whole: Span | None, name: str, others: tuple[str, ...]
) -> Iterator[Edit]:
    if target is not None and whole is not None:
        at = source.token(name, target.end, whole.end)
        for other in others:
            yield Edit(at, at + len(name), other)


def _decimals(text: str) -> Iterator[str]:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return
    for other in (value + _UNIT, value - _UNIT):
        yield f"{other:f}"


def _durations(text: str) -> Iterator[str]:
    found = _LAST_NUMBER.search(text)
    if found is not None:
        number = int(found[1])
        for other in (number + 1, number - 1):
            if other >= 0:
                yield f"{text[: found.start()]}{other}{text[found.end() :]}"


def _moments(text: str) -> Iterator[str]:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return
    date, time, milliseconds, zone = found.groups()
    moment = datetime.fromisoformat(f"{date}T{time or '00:00:00'}.{milliseconds or '000'}").replace(
        tzinfo=UTC
    )
    for other in (moment + timedelta(milliseconds=1), moment - timedelta(milliseconds=1)):
        yield f"{other.replace(tzinfo=None).isoformat(timespec='milliseconds')}{zone or 'Z'}"


def _ranges(text: str) -> Iterator[str]:
    found = _PREFIX.search(text)
    if found is not None:
        length, most = int(found[1]), 128 if ":" in text else 32
        for other in (length - 1, length + 1):
            if 0 <= other <= most:
                yield f"{text[: found.start()]}/{other}"


_NUDGES = {"decimal": _decimals, "duration": _durations, "datetime": _moments, "ip": _ranges}
