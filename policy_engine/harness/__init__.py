"""Policies tested with tokens, until no change of theirs goes unnoticed."""

from policy_engine.harness.cases import Asked, Case, Expectation, Failure, Origin, Result, Who
from policy_engine.harness.tampering import TAMPERINGS, Tampering
from policy_engine.harness.world import World

__all__ = [
    "TAMPERINGS",
    "Asked",
    "Case",
    "Expectation",
    "Failure",
    "Origin",
    "Result",
    "Tampering",
    "Who",
    "World",
]
