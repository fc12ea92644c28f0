"""A request → a verdict: of the policies, entities and context, the part that can have to do with it."""

from policy_engine.evaluator.deciding.evaluator import Evaluator, Known
from policy_engine.evaluator.deciding.limits import Limits
from policy_engine.evaluator.deciding.verdict import Verdict

__all__ = ["Evaluator", "Known", "Limits", "Verdict"]
