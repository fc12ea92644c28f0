"""What a review asks of a policy set: each question gives verdicts, and what breaks them is confirmed."""

from policy_engine.review.questions.asking import Asker, Progress
from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.table import QUESTIONS, Question

__all__ = ["QUESTIONS", "Asker", "Bench", "Progress", "Question"]
