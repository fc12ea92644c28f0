"""What a token is taken for, check by check, and what to change where it was refused."""

from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.inspection import CheckMade, Inspection, Outcome, Verdict
from policy_engine.cli.inspection.looking import inspect_token
from policy_engine.cli.inspection.record import to_record
from policy_engine.cli.inspection.text import lines, told

__all__ = [
    "Change",
    "CheckMade",
    "Inspection",
    "Outcome",
    "Verdict",
    "inspect_token",
    "lines",
    "to_record",
    "told",
]
