"""What `review` and `diff` have in common: both prove something, and tell what came of it."""

from policy_engine.cli.proofs.kinds import KindName, kinds_of
from policy_engine.cli.proofs.outcomes import STATUS, print_lines
from policy_engine.cli.proofs.steps import steps_shown

__all__ = ["STATUS", "KindName", "kinds_of", "print_lines", "steps_shown"]
