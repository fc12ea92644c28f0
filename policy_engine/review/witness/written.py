"""Values as Cedar's JSON format has them (docs.cedarpolicy.com, "Entities JSON format")."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

__all__ = ["plain"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years that Python counts, and Cedar's text format has: 1 to 9999."""


def plain(kind: str, value: Any) -> Any:  # noqa: ANN401 -- JSON
    """A value of one of Cedar's types that have no parts.

    Args:
        kind: Cedar's name for the type.
        value: a truth value, number or text; decimals are ten-thousandths, datetimes and durations
            milliseconds.
    """
    write = _WRITERS.get(kind)
    return value if write is None else write(value)


def _decimal(units: int) -> dict[str, Any]:
    whole, fraction = divmod(abs(units), 10_000)
    return _call("decimal", f"{'-' if units < 0 else ''}{whole}.{fraction:04}")


def _datetime(milliseconds: int) -> dict[str, Any]:
    if _FIRST <= milliseconds <= _LAST:
        moment = (_EPOCH + timedelta(milliseconds=milliseconds)).replace(tzinfo=None)
        return _call("datetime", f"{moment.isoformat(timespec='milliseconds')}Z")
    # No text says a moment of another year, and yet there are some.
    arguments = [_call("datetime", "1970-01-01"), _duration(milliseconds)]
    return {"__extn": {"fn": "offset", "args": arguments}}


def _duration(milliseconds: int) -> dict[str, Any]:
    return _call("duration", f"{milliseconds}ms")


def _call(function: str, argument: str) -> dict[str, Any]:
    return {"__extn": {"fn": function, "arg": argument}}


_WRITERS: Mapping[str, Callable[[Any], dict[str, Any]]] = MappingProxyType(
    {
        "decimal": _decimal,
        "datetime": _datetime,
        "duration": _duration,
        "ipaddr": lambda address: _call("ip", address),
    }
)
