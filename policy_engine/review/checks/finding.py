"""What a check found, with its place, what it matters, and how it could be mended by a program."""

from dataclasses import dataclass, replace
from typing import Any

from policy_engine.evaluator import PolicyWarning
from policy_engine.review.verdict import Severity

__all__ = ["CheckFinding", "Fix", "TextEdit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """A stretch of a file, and what is to stand there instead.

    Attributes:
        file: which.
        start: characters before it.
        before: what stands there.
        after: what is to stand there.
    """

    file: str
    start: int
    before: str
    after: str

    @property
    def end(self) -> int:
        """Characters before what follows."""
        return self.start + len(self.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that leave every decision as it is.

    Attributes:
        title: what they do, in a few words.
        edits: all of one file.
    """

    title: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinding(PolicyWarning):
    """One finding.

    Attributes:
        severity: how much it matters.
        ends: line and column behind the part that it is about, if that is known.
        fix: how a program may mend it, where that is safe.
        suppressed: the reason that somebody gave for leaving it so.
    """

    severity: Severity
    ends: tuple[int, int] | None = None
    fix: Fix | None = None
    suppressed: str | None = None

    @classmethod
    def of_warning(cls, warning: PolicyWarning, severity: Severity, fix: Fix | None = None) -> "CheckFinding":
        """A warning of `policy-engine validate`."""
        return cls(
            code=warning.code,
            policy=warning.policy,
            message=warning.message,
            remedy=warning.remedy,
            file=warning.file,
            line=warning.line,
            column=warning.column,
            severity=severity,
            fix=fix,
        )

    def because(self, reason: str) -> "CheckFinding":
        """The same, left so for a reason."""
        return replace(self, suppressed=reason)

    @property
    def counts(self) -> bool:
        """Whether nobody answered for it."""
        return self.suppressed is None

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "policy": self.policy,
            "message": self.message,
            "remedy": self.remedy,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "fix": None if self.fix is None else self.fix.title,
            "suppressed": self.suppressed,
        }
