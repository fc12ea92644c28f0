"""`policy-engine review`: what holds of all requests, and the call that shows where something doesn't."""

from policy_engine.cli.review.command import review

__all__ = ["review"]
