"""A large policy set is checked beside decisions without keeping them waiting."""

from policy_engine.evaluator.reloading.apart import load_policies_apart
from policy_engine.evaluator.reloading.release import release_slowly
from policy_engine.evaluator.reloading.worker import Workplace

__all__ = ["Workplace", "load_policies_apart", "release_slowly"]
