"""What a reviewer should look at, by rules of their own: one file a check, its docstring the page."""

from policy_engine.review.checks.check import Check
from policy_engine.review.checks.finding import CheckFinding, Fix, TextEdit
from policy_engine.review.checks.finding_all import find_findings
from policy_engine.review.checks.fixing.applying import apply_fixes, fixed_files
from policy_engine.review.checks.pages import page_title, sections
from policy_engine.review.checks.table import CHECKS, SEVERITIES

__all__ = [
    "CHECKS",
    "SEVERITIES",
    "Check",
    "CheckFinding",
    "Fix",
    "TextEdit",
    "apply_fixes",
    "find_findings",
    "fixed_files",
    "page_title",
    "sections",
]
