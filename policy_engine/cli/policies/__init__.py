"""`policy-engine policies`: which policies are in force, and what those in shadow mode would change."""

from policy_engine.cli.policies.app import app
from policy_engine.cli.policies.gates import good_enough, watched_beside

__all__ = ["app", "good_enough", "watched_beside"]
