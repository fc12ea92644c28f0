"""Witnesses as calls: whose token, and which message, the engine really decides so."""

from policy_engine.review.witness.realising.bench import Holds
from policy_engine.review.witness.realising.call import Bearer, Call, Message
from policy_engine.review.witness.realising.realiser import Realiser

__all__ = ["Bearer", "Call", "Holds", "Message", "Realiser"]
