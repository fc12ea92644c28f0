"""What of the policies the cases exercise, by policy, clause, condition and kind."""

from policy_engine.harness.coverage.gaps import Gap, gaps_of
from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.kinds import KINDS, Counts, Kind, kind_of
from policy_engine.harness.coverage.matrix import Called, Matrix
from policy_engine.harness.coverage.measures import Measure, Measured, measures_of
from policy_engine.harness.coverage.places import ClausePlace, Outcome, Place, PolicyPlace, State
from policy_engine.harness.coverage.thresholds import Shortfall, Thresholds, shortfalls
from policy_engine.harness.coverage.tokens import TokenUse, TokenUses
from policy_engine.harness.coverage.views.html import coverage_page
from policy_engine.harness.coverage.views.record import coverage_record
from policy_engine.harness.coverage.views.summary import Line, Style, coverage_summary
from policy_engine.harness.coverage.views.text import coverage_lines

__all__ = [
    "KINDS",
    "Called",
    "ClausePlace",
    "Counts",
    "Coverage",
    "Gap",
    "Kind",
    "Line",
    "Matrix",
    "Measure",
    "Measured",
    "Outcome",
    "Place",
    "PolicyPlace",
    "Shortfall",
    "State",
    "Style",
    "Thresholds",
    "TokenUse",
    "TokenUses",
    "coverage_lines",
    "coverage_page",
    "coverage_record",
    "coverage_summary",
    "gaps_of",
    "kind_of",
    "measures_of",
    "shortfalls",
]
