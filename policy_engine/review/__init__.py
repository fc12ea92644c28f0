"""The review: what is true of all requests, and not only of those that were tested."""

from policy_engine.review.assumptions import ASSUMPTIONS, Assumption, assumptions
from policy_engine.review.options import Bound, Kind, Options
from policy_engine.review.questions import QUESTIONS, Progress, Question
from policy_engine.review.review import Review
from policy_engine.review.reviewing import review
from policy_engine.review.subject import Subject, versions
from policy_engine.review.verdict import Outcome, Severity, Verdict, Witness

__all__ = [
    "ASSUMPTIONS",
    "QUESTIONS",
    "Assumption",
    "Bound",
    "Kind",
    "Options",
    "Outcome",
    "Progress",
    "Question",
    "Review",
    "Severity",
    "Subject",
    "Verdict",
    "Witness",
    "assumptions",
    "review",
    "versions",
]
