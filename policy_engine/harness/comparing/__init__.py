"""Two versions of policies, held against each other by what was recorded."""

from policy_engine.harness.comparing.changes import Change, Comparison, Effect
from policy_engine.harness.comparing.comparing import compare
from policy_engine.harness.comparing.grouping import ChangeGroup, grouped
from policy_engine.harness.comparing.record import comparison_record

__all__ = ["Change", "ChangeGroup", "Comparison", "Effect", "compare", "comparison_record", "grouped"]
