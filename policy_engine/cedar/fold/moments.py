"""Moments and lengths of time, in milliseconds of 64 bits."""

from policy_engine.cedar.fold.values import LONGS, Datetime, Duration

__all__ = ["DAY", "datetime_of", "duration_of"]

DAY = 86_400_000


def datetime_of(milliseconds: int) -> Datetime | None:
    """The moment, unless it is further away than Cedar can count."""
    return Datetime(milliseconds) if milliseconds in LONGS else None


def duration_of(milliseconds: int) -> Duration | None:
    """The length of time, unless it is longer than Cedar can count."""
    return Duration(milliseconds) if milliseconds in LONGS else None
