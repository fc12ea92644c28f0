"""Policies → terms, a file a family of nodes."""

from policy_engine.review.symbolic.encoding.policies import Encoded, encode

__all__ = ["Encoded", "encode"]
