"""What was looked at of an issuer, and what came of it: a line each."""

from dataclasses import dataclass
from enum import StrEnum

from policy_engine.errors import ConfigError

__all__ = ["Checked", "Line", "Outcome"]


class Outcome(StrEnum):
    """What came of a check; the worst of an issuer's is the issuer's."""

    ok = "ok"
    skipped = "skipped"
    warning = "warning"
    failed = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One check.

    Attributes:
        check: what was looked at.
        outcome: what came of it.
        text: that in words.
        remedy: what to do about it, if there is something to do.
    """

    check: str
    outcome: Outcome
    text: str
    remedy: str = ""

    @classmethod
    def of_error(cls, check: str, error: ConfigError) -> "Line":
        """A check that failed, and where what failed is written."""
        where = f"{error.where}: " if error.where else ""
        return cls(check=check, outcome=Outcome.failed, text=where + error.problem, remedy=error.remedy)

    def __str__(self) -> str:
        """The words, and the remedy behind them."""
        return f"{self.text} ({self.remedy})" if self.remedy else self.text

    def to_dict(self) -> dict[str, str]:
        """For programs."""
        return {
            "check": self.check,
            "outcome": self.outcome.value,
            "text": self.text,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One issuer, as configured, with all that was looked at."""

    name: str
    issuer: str
    profile: str
    lines: tuple[Line, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of its lines; what was left out is no fault."""
        found = {line.outcome for line in self.lines}
        return next((each for each in (Outcome.failed, Outcome.warning) if each in found), Outcome.ok)

    def to_dict(self) -> dict[str, object]:
        """For programs."""
        return {
            "name": self.name,
            "issuer": self.issuer,
            "profile": self.profile,
            "outcome": self.outcome.value,
            "checks": [line.to_dict() for line in self.lines],
        }
