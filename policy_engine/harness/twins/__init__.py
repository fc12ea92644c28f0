"""Every case once more as somebody who differs in one thing: the kind, or an agent in between."""

from policy_engine.harness.twins.checking import check_twins
from policy_engine.harness.twins.making import Relation, Twin, twins_of
from policy_engine.harness.twins.report import TwinFinding, TwinReport
from policy_engine.harness.twins.rules import RULES, Rule

__all__ = ["RULES", "Relation", "Rule", "Twin", "TwinFinding", "TwinReport", "check_twins", "twins_of"]
