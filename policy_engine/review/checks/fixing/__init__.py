"""Mends that change no decision: edits of texts, applied all at once or not at all."""

from policy_engine.review.checks.fixing.heads import first_asked, kind_into_head
from policy_engine.review.checks.fixing.removals import annotation_removed, comment_removed, policy_removed

__all__ = [
    "annotation_removed",
    "comment_removed",
    "first_asked",
    "kind_into_head",
    "policy_removed",
]
