"""Policies in shadow mode, evaluated beside those that decide: what would be otherwise with them?"""

from policy_engine.evaluator.shadow.shadows import Shadows

__all__ = ["Shadows"]
