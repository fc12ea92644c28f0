"""From a failed check to the line of the configuration that could mend it, or to why none could."""

from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.advice.table import ADVICE, advise

__all__ = ["ADVICE", "Refusal", "advise"]
