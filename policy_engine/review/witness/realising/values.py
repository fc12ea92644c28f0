"""Cedar's extension values as JSON, and Python, have them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["number_of", "seconds_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<ms>[0-9]{3}))?(?P<zone>Z|[+-][0-9]{4}))?"
)
_DURATION = re.compile(
    r"(?P<sign>-?)(?:(?P<d>[0-9]+)d)?(?:(?P<h>[0-9]+)h)?(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+)s)?"
    r"(?:(?P<ms>[0-9]+)ms)?"
)
_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def seconds_of(value: Any) -> float | None:  # noqa: ANN401 -- Cedar JSON
    """A `datetime` in seconds since the epoch; None if it isn't one that can be read.

    Cedar's `datetime` and `duration` constructors, and `offset` of the two, which reaches the years that have
    more than four digits.
    """
    milliseconds = _milliseconds(value)
    return None if milliseconds is None else milliseconds / 1000


def number_of(value: Any) -> int | float | None:  # noqa: ANN401 -- Cedar JSON
    """A `decimal` as a JSON number: an integer where it is whole; None where no double is exactly that."""
    name, arguments = _called(value)
    if name != "decimal" or len(arguments) != 1 or not isinstance(arguments[0], str):
        return None
    try:
        exact = Decimal(arguments[0])
    except InvalidOperation:
        return None
    number = int(exact) if exact == exact.to_integral_value() else float(exact)
    return number if Decimal(repr(number)) == exact else None


def _called(value: Any) -> tuple[str, list[Any]]:  # noqa: ANN401 -- Cedar JSON
    """The function of an extension value, and what it is called with."""
    inner = value.get("__extn", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("fn"), str):
        return "", []
    arguments = inner.get("args", [inner.get("arg")])
    return inner["fn"], arguments if isinstance(arguments, list) else []


def _milliseconds(value: Any) -> int | None:  # noqa: ANN401 -- Cedar JSON
    name, arguments = _called(value)
    match name, arguments:
        case "datetime", [str(text)]:
            return _moment(text)
        case "duration", [str(text)]:
            return _duration(text)
        case "offset", [start, by]:
            first, second = _milliseconds(start), _milliseconds(by)
            return None if first is None or second is None else first + second
        case _:
            return None


def _moment(text: str) -> int | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    zone = found["zone"] or "Z"
    try:
        # The year 0 is Cedar's, and not Python's: 0000-01-01 is 366 days before 0001-01-01.
        year_zero = found["date"].startswith("0000")
        date = f"0004{found['date'][4:]}" if year_zero else found["date"]
        moment = datetime.fromisoformat(f"{date}T{found['time'] or '00:00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return None
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1) + int(found["ms"] or 0)
    if year_zero:
        milliseconds -= (366 + 3 * 365) * _UNITS["d"]
    if zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[3:])
        milliseconds -= (minutes if zone[0] == "+" else -minutes) * _UNITS["m"]
    return milliseconds


def _duration(text: str) -> int | None:
    found = _DURATION.fullmatch(text)
    if found is None or not text.strip("-"):
        return None
    total = sum(int(found[unit] or 0) * size for unit, size in _UNITS.items())
    return -total if found["sign"] else total
