"""What warnings look at: every policy with what is known of it, and why something in it never happens."""

from policy_engine.evaluator.warnings.surveying.blame import always, blamed, why_never_there
from policy_engine.evaluator.warnings.surveying.covering import Covering
from policy_engine.evaluator.warnings.surveying.survey import Subject, Survey

__all__ = ["Covering", "Subject", "Survey", "always", "blamed", "why_never_there"]
