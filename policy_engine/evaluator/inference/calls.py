"""Functions and methods of Cedar's extension types, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.evaluator.inference.types import BOOL, LONG, STRING, CedarType, Plain

__all__ = ["CONSTRUCTORS", "FUNCTIONS", "Constructor", "Function"]

DATETIME, DECIMAL, DURATION, ADDRESS = (Plain(name) for name in ("datetime", "decimal", "duration", "ipaddr"))


@dataclass(frozen=True, slots=True)
class Function:
    """What a function takes, its receiver first, and what it gives."""

    takes: tuple[CedarType, ...]
    gives: CedarType


@dataclass(frozen=True, slots=True)
class Constructor:
    """What is made of a text, and how such a text is written."""

    gives: CedarType
    form: str


CONSTRUCTORS: Mapping[str, Constructor] = MappingProxyType(
    {
        "datetime": Constructor(
            DATETIME,
            '`datetime("2026-05-31")`, or `datetime("2026-05-31T12:00:00Z")`',
        ),
        "decimal": Constructor(DECIMAL, 'one to four digits after the point: `decimal("3.5")`'),
        "duration": Constructor(DURATION, '`duration("1d2h30m")`: days, hours, minutes, seconds (s), ms'),
        "ip": Constructor(ADDRESS, '`ip("192.0.2.1")`, or a range: `ip("192.0.2.0/24")`'),
    }
)

_COMPARED = Function((DECIMAL, DECIMAL), BOOL)
_OF_ADDRESS = Function((ADDRESS,), BOOL)
_OF_DURATION = Function((DURATION,), LONG)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        **{name: Function((STRING,), row.gives) for name, row in CONSTRUCTORS.items()},
        **dict.fromkeys(("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"), _COMPARED),
        **dict.fromkeys(("isIpv4", "isIpv6", "isLoopback", "isMulticast"), _OF_ADDRESS),
        "isInRange": Function((ADDRESS, ADDRESS), BOOL),
        "offset": Function((DATETIME, DURATION), DATETIME),
        "durationSince": Function((DATETIME, DATETIME), DURATION),
        "toDate": Function((DATETIME,), DATETIME),
        "toTime": Function((DATETIME,), DURATION),
        **dict.fromkeys(("toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"), _OF_DURATION),
    }
)
