"""What twins brought to light, as values."""

from dataclasses import dataclass, replace
from pathlib import Path

from policy_engine.harness.cases import Case, Origin
from policy_engine.harness.entries import Entry
from policy_engine.harness.twins.making import Twin
from policy_engine.harness.twins.rules import Rule
from policy_engine.model import Decision, Identity

__all__ = ["TwinFinding", "TwinReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinFinding:
    """Somebody and their twin, whom policies treat otherwise, or alike, than their author can have meant.

    Attributes:
        rule: what is wrong.
        policy: the id of the policy to look at.
        origin: where it is written; None if it was handed over as text.
        case: the case whose twin it is.
        identity: who asks there.
        twin: who asks instead.
        decision: what was decided of the case.
        twin_decision: what was decided of the twin.
        entry: what a scenario would say, if the twin should be denied.
        calls: how many calls of the cases show the same.
    """

    rule: Rule
    policy: str
    origin: Origin | None
    case: Case
    identity: Identity
    twin: Twin
    decision: Decision
    twin_decision: Decision
    entry: Entry
    calls: int = 1

    def again(self) -> "TwinFinding":
        """The same, seen once more."""
        return replace(self, calls=self.calls + 1)

    @property
    def place(self) -> str:
        """`file:line:column`, or `<values>`."""
        origin = self.origin
        return "<values>" if origin is None else f"{origin.file}:{origin.line}:{origin.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinReport:
    """What came of all twins.

    Attributes:
        findings: in the order of files and lines.
        cases: how many cases have twins.
        twins: how many twins were decided.
        seconds: what it took.
    """

    findings: tuple[TwinFinding, ...]
    cases: int
    twins: int
    seconds: float


def origin_of(file: str | None, line: int, column: int) -> Origin | None:
    """Where a policy is written."""
    return None if file is None else Origin(Path(file), line, column)
