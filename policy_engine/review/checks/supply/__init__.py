"""Checks of what policies ask for against what the configuration can bring."""

from policy_engine.review.checks.supply.ungrantable_scope import UNGRANTABLE_SCOPE
from policy_engine.review.checks.supply.unsupplied_fact import UNSUPPLIED_FACT
from policy_engine.review.checks.supply.unsupplied_group import UNSUPPLIED_GROUP
from policy_engine.review.checks.supply.unused_scope import UNUSED_SCOPE

__all__ = ["UNGRANTABLE_SCOPE", "UNSUPPLIED_FACT", "UNSUPPLIED_GROUP", "UNUSED_SCOPE"]
