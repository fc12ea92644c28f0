"""`health`: does every policy matter, and can any fail?"""

from policy_engine.review.questions.health.health import health

__all__ = ["health"]
