"""Formulas asked of a solver, which says whether they can be true, and when."""

from policy_engine.review.solving.answers import Answer, ModelValue, Query, Sat, Unknown, UnknownReason, Unsat
from policy_engine.review.solving.smtlib import text
from policy_engine.review.solving.solver import Solver

__all__ = ["Answer", "ModelValue", "Query", "Sat", "Solver", "Unknown", "UnknownReason", "Unsat", "text"]
