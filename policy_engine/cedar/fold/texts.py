"""How values of extension types are written: the texts in `decimal("…")`, `ip("…")` and so on.

Cedar RFC 80 ("datetime"), and docs.cedarpolicy.com, "Data types". What isn't exactly of the form gives None.
"""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from policy_engine.cedar.fold.moments import DAY, duration_of
from policy_engine.cedar.fold.values import LONGS, Datetime, Decimal, Duration, IpAddress

__all__ = ["read_datetime", "read_decimal", "read_duration", "read_ip"]

_DECIMAL = re.compile(r"(-?)([0-9]+)\.([0-9]{1,4})")
_PREFIX = re.compile(r"0|[1-9][0-9]{0,2}")
_DATETIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}))?(?:Z|([+-])([0-9]{2})([0-9]{2})))?"
)
_DURATION = re.compile(r"(-?)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?")

_MOST_DIGITS = 40
"""Digits that are looked at: as many are more than 64 bits hold, and Python refuses to read thousands."""

_LEAP_CYCLE = timedelta(days=146_097)
"""400 years: Cedar knows a year 0000, Python's calendar begins a year later."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOURS, _MINUTES = 24, 60


def read_decimal(text: str) -> Decimal | None:
    """`-12.5`: digits on both sides of the dot, four behind it at most."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    units = _count(whole) * 10_000 + int(fraction.ljust(4, "0"))
    units = -units if sign else units
    return Decimal(units) if units in LONGS else None


def read_ip(text: str) -> IpAddress | None:
    """`10.0.0.1`, `10.0.0.0/8`, `::1`; no zone, no IPv4 address within an IPv6 one."""
    written, slash, prefix = text.partition("/")
    if "%" in written or (":" in written and "." in written):
        return None
    try:
        address = ip_address(written)
    except ValueError:
        return None
    if not slash:
        return IpAddress(address, address.max_prefixlen)
    if not _PREFIX.fullmatch(prefix) or int(prefix) > address.max_prefixlen:
        return None
    return IpAddress(address, int(prefix))


def read_datetime(text: str) -> Datetime | None:
    """`2026-01-31`, `2026-01-31T12:00:00Z`, `2026-01-31T12:00:00.000+0100`."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, milli = (int(part or 0) for part in match.groups()[:7])
    sign, offset_hours, offset_minutes = match[8], int(match[9] or 0), int(match[10] or 0)
    if offset_hours >= _HOURS or offset_minutes >= _MINUTES:
        return None
    try:
        moment = datetime(year or 400, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    since = moment - _EPOCH - (timedelta() if year else _LEAP_CYCLE)
    offset = (offset_hours * _MINUTES + offset_minutes) * 60_000
    milliseconds = since // timedelta(milliseconds=1) + milli
    return Datetime(milliseconds + (offset if sign == "-" else -offset))


def read_duration(text: str) -> Duration | None:
    """`1d2h3m4s5ms`: some of these, in this order; `-` before all of it."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    days, hours, minutes, seconds, millis = map(_count, match.groups()[1:])
    total = days * DAY + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + millis
    return duration_of(-total if match[1] else total)


def _count(digits: str | None) -> int:
    return int((digits or "").lstrip("0")[:_MOST_DIGITS] or 0)
