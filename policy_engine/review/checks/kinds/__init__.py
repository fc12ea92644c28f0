"""Checks of how policies tell people from machines."""

from policy_engine.review.checks.kinds.either_kind import EITHER_KIND
from policy_engine.review.checks.kinds.kind_by_attribute import KIND_BY_ATTRIBUTE
from policy_engine.review.checks.kinds.kind_by_name import KIND_BY_NAME
from policy_engine.review.checks.kinds.kind_in_condition import KIND_IN_CONDITION
from policy_engine.review.checks.kinds.one_sided_forbid import ONE_SIDED_FORBID
from policy_engine.review.checks.kinds.unless_other_kind import UNLESS_OTHER_KIND

__all__ = [
    "EITHER_KIND",
    "KIND_BY_ATTRIBUTE",
    "KIND_BY_NAME",
    "KIND_IN_CONDITION",
    "ONE_SIDED_FORBID",
    "UNLESS_OTHER_KIND",
]
