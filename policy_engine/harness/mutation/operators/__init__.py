"""What is done to policies: each operator is one kind of mistake that people make."""

from policy_engine.harness.mutation.operators.table import OPERATORS, Operator, chosen_operators

__all__ = ["OPERATORS", "Operator", "chosen_operators"]
