"""Comments that allow a finding, and what is wrong with them."""

from policy_engine.review.checks.suppressing.comments import Suppressions
from policy_engine.review.checks.suppressing.unfit_suppression import UNFIT_SUPPRESSION
from policy_engine.review.checks.suppressing.unused_suppression import UNUSED_SUPPRESSION

__all__ = ["UNFIT_SUPPRESSION", "UNUSED_SUPPRESSION", "Suppressions"]
