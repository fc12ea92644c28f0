"""What loads, and still looks like a mistake: one file a warning, its docstring the page."""

from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.suppressions import (
    Suppression,
    marked,
    read_suppression,
    suppressions_of,
)
from policy_engine.evaluator.warnings.surveying import Subject, Survey
from policy_engine.evaluator.warnings.table import WARNINGS, find_warnings

__all__ = [
    "WARNINGS",
    "Check",
    "Subject",
    "Suppression",
    "Survey",
    "find_warnings",
    "marked",
    "read_suppression",
    "suppressions_of",
]
