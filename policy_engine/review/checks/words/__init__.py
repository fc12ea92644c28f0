"""Checks of what is written: texts that mean something else than they seem to, or nothing."""

from policy_engine.review.checks.words.foreign_resource import FOREIGN_RESOURCE
from policy_engine.review.checks.words.letter_case import LETTER_CASE
from policy_engine.review.checks.words.lookalike_pattern import LOOKALIKE_PATTERN
from policy_engine.review.checks.words.past_date import PAST_DATE
from policy_engine.review.checks.words.same_policy import SAME_POLICY
from policy_engine.review.checks.words.scope_spelling import SCOPE_SPELLING
from policy_engine.review.checks.words.shadow_forbid import SHADOW_FORBID

__all__ = [
    "FOREIGN_RESOURCE",
    "LETTER_CASE",
    "LOOKALIKE_PATTERN",
    "PAST_DATE",
    "SAME_POLICY",
    "SCOPE_SPELLING",
    "SHADOW_FORBID",
]
