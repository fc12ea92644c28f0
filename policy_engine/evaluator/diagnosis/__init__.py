"""What is wrong with a policy that Cedar's validator refuses: where, and in an author's words."""

from policy_engine.evaluator.diagnosis.case import STAND_IN, Complaint
from policy_engine.evaluator.diagnosis.diagnose import diagnose
from policy_engine.evaluator.diagnosis.heads import same_kind

__all__ = ["STAND_IN", "Complaint", "diagnose", "same_kind"]
