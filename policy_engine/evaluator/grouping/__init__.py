"""Actions that a policy can't tell apart: what holds of one of them for the validator holds of all."""

from policy_engine.evaluator.grouping.action_index import ActionIndex
from policy_engine.evaluator.grouping.alike import Alike
from policy_engine.evaluator.grouping.grouping import Grouping
from policy_engine.evaluator.grouping.readings import context_path

__all__ = ["ActionIndex", "Alike", "Grouping", "context_path"]
