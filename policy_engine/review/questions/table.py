"""The questions that can be asked of a policy set, a row each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.review.questions.access import what_can, who_can
from policy_engine.review.questions.bench import Bench
from policy_engine.review.questions.ceiling import ceiling
from policy_engine.review.questions.delegation import delegation
from policy_engine.review.questions.diff import diff
from policy_engine.review.questions.health import health
from policy_engine.review.questions.never import never
from policy_engine.review.questions.separation import separation
from policy_engine.review.verdict import Verdict

__all__ = ["QUESTIONS", "Question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question.

    Attributes:
        title: the question, in plain words.
        answer: gives its verdicts, the one on the whole first.
    """

    title: str
    answer: Callable[[Bench], Iterator[Verdict]]


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "separation": Question(title="Does any permit take a machine for a person?", answer=separation),
        "ceiling": Question(title="Does everybody stay within the bounds?", answer=ceiling),
        "never": Question(title="Is what no machine may use out of every machine's reach?", answer=never),
        "delegation": Question(title="What can agents do for people?", answer=delegation),
        "diff": Question(title="What is allowed that wasn't before, and what no longer is?", answer=diff),
        "health": Question(title="Does every policy matter, and can any fail?", answer=health),
        "who_can": Question(title="Who can use this?", answer=who_can),
        "what_can": Question(title="What can they use?", answer=what_can),
    }
)
