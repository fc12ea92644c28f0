"""Scenario files brought up to date with what their cases came out as, comments and layout kept."""

from policy_engine.harness.updating.rewriting import rewritten
from policy_engine.harness.updating.spots import Spots

__all__ = ["Spots", "rewritten"]
