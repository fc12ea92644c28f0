"""Mistakes that are put into policies, one at a time, to see whether the scenarios notice."""

from policy_engine.harness.mutation.mutant import Mutant, mutants_of
from policy_engine.harness.mutation.operators import OPERATORS, Operator, chosen_operators
from policy_engine.harness.mutation.report import Fate, MutationReport, Outcome, Suggestion, suggested_file
from policy_engine.harness.mutation.running import Progress, processors, run_mutants

__all__ = [
    "OPERATORS",
    "Fate",
    "Mutant",
    "MutationReport",
    "Operator",
    "Outcome",
    "Progress",
    "Suggestion",
    "chosen_operators",
    "mutants_of",
    "processors",
    "run_mutants",
    "suggested_file",
]
