"""What loads, and still looks like a mistake: one file a warning, its docstring the page."""

from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey
from policy_engine.evaluator.warnings.table import WARNINGS, find_warnings

__all__ = ["WARNINGS", "Check", "Survey", "find_warnings"]
