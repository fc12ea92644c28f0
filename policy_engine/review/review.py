"""A whole review: every question's verdicts, what they rest on, and what comes of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policy_engine.review.access import Access
from policy_engine.review.assumptions import Assumption
from policy_engine.review.checks import CheckFinding
from policy_engine.review.options import Options
from policy_engine.review.verdict import Outcome, Verdict

__all__ = ["Review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What was found.

    Attributes:
        verdicts: in the order of the questions.
        findings: of the checks, if they were asked for.
        access: who can do what, if it was asked for; see `access/`.
        assumptions: what the verdicts rest on.
        digests: SHA-256, in hexadecimal, of policies, schema and entities, and of what else was read.
        versions: of the engine and the libraries that decide; None for one that isn't installed.
        options: what was asked.
        notes: what couldn't be looked at, and why.
        seconds: how long it took.
    """

    verdicts: tuple[Verdict, ...]
    findings: Sequence[CheckFinding] = ()
    access: Access | None = None
    assumptions: tuple[Assumption, ...]
    digests: Mapping[str, str]
    versions: Mapping[str, str | None]
    options: Options = field(default_factory=Options)
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def outcome(self) -> Outcome:
        """Of all verdicts that count, the worst."""
        counted = {
            verdict.outcome
            for verdict in self.verdicts
            if verdict.counts and verdict.severity.at_least(self.options.fail_on)
        }
        for outcome in (Outcome.violated, Outcome.unknown):
            if outcome in counted:
                return outcome
        return Outcome.proved

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "outcome": str(self.outcome),
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "findings": [finding.to_dict() for finding in self.findings],
            "access": None if self.access is None else self.access.to_dict(),
            "assumptions": [assumption.to_dict() for assumption in self.assumptions],
            "digests": dict(self.digests),
            "versions": dict(self.versions),
            "options": dict(self.options.to_dict()),
            "notes": list(self.notes),
        }
