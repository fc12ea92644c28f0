"""What is kept of a log, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.harness.recording.exchange import Exchange

__all__ = ["Kept", "KeptCase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCase:
    """A recorded question as a scenario has it.

    Attributes:
        exchange: the question.
        who: what its principal is called.
        asks: what its call is called.
        expect: what was decided.
        doubt: why it can't be replayed exactly; None if it can.
    """

    exchange: Exchange
    who: str
    asks: str
    expect: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A scenario.

    Attributes:
        cases: in the order of the log.
        principals: what the file says of them, by name.
        calls: likewise.
        left: questions that can't be written down, and why.
        now: the time of the first, in seconds since the epoch.
    """

    cases: tuple[KeptCase, ...]
    principals: Mapping[str, Mapping[str, Any]]
    calls: Mapping[str, Mapping[str, Any]]
    left: tuple[tuple[Exchange, str], ...]
    now: float

    @property
    def exact(self) -> tuple[KeptCase, ...]:
        """Cases whose outcome doesn't depend on what wasn't recorded."""
        return tuple(case for case in self.cases if case.doubt is None)

    @property
    def doubtful(self) -> tuple[KeptCase, ...]:
        """The others."""
        return tuple(case for case in self.cases if case.doubt is not None)
