"""Which decisions are asked for: `principal=machines/*;decision=deny;since=2h`."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

from policy_engine.audit.reading.records import Recorded
from policy_engine.errors import ConfigError

__all__ = ["FILTERS", "Filter"]

_UNITS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800})
_SPAN: Final = re.compile(r"(\d{1,9})([smhdw])")

FILTERS: Final[Mapping[str, Callable[[Recorded], tuple[str, ...]]]] = MappingProxyType(
    {
        "actor": lambda record: (record.actor,),
        "code": lambda record: (record.text("code"),),
        "decision": lambda record: (record.text("decision"),),
        "detail": lambda record: (record.text("detail"),),
        "jti": lambda record: (record.text("jti"),),
        "kind": lambda record: (record.kind,),
        "method": lambda record: (record.text("method"),),
        "policy": lambda record: record.policies,
        "principal": lambda record: (record.principal,),
        "server": lambda record: (record.text("server"),),
        "tool": lambda record: (record.tool,),
    }
)
"""What can be asked for, besides `since` and `until`, and what a record has of it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a record must have: of each name one of the patterns, and a time between the two.

    Attributes:
        patterns: by names of `FILTERS`; `*` and `?` stand for any text and any character.
        since: in seconds since the epoch, inclusive.
        until: likewise, exclusive.
    """

    patterns: Mapping[str, tuple[str, ...]]
    since: float = -math.inf
    until: float = math.inf

    @classmethod
    def of(cls, text: str, now: float) -> "Filter":
        """Read one: parts with `;` between them, alternatives with `,`.

        Args:
            text: what is asked for; empty for everything.
            now: what spans such as `2h` are counted back from, in seconds since the epoch.

        Raises:
            ConfigError: a name isn't known, or a time can't be read.
        """
        patterns: dict[str, tuple[str, ...]] = {}
        times = {"since": -math.inf, "until": math.inf}
        for part in filter(None, map(str.strip, text.split(";"))):
            name, sign, value = (each.strip() for each in part.partition("="))
            if name in times and sign:
                times[name] = _time(value, now)
            elif name in FILTERS and sign:
                patterns[name] = tuple(map(str.strip, value.split(",")))
            else:
                known = ", ".join((*FILTERS, *times))
                raise ConfigError(f"`{part}` asks for nothing", remedy=f"write NAME=VALUE; names: {known}")
        return cls(MappingProxyType(patterns), times["since"], times["until"])

    def passes(self, record: Recorded) -> bool:
        """Whether a record is asked for."""
        if not self.since <= record.time < self.until:
            return False
        return all(
            any(fnmatchcase(value, pattern) for value in FILTERS[name](record) for pattern in patterns)
            for name, patterns in self.patterns.items()
        )


def _time(text: str, now: float) -> float:
    """A date and time (ISO 8601, UTC if it doesn't say), or a span before now."""
    span = _SPAN.fullmatch(text)
    if span is not None:
        return now - int(span[1]) * _UNITS[span[2]]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        remedy = "as in 2026-01-31, 2026-01-31T08:00:00Z, or 2h for two hours ago"
        raise ConfigError(f"`{text}` is no time", remedy=remedy) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
