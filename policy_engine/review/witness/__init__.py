"""A solver's model as a request that Cedar confirms, and as a call that somebody can make."""

from policy_engine.review.witness.concrete import Concrete, concretize
from policy_engine.review.witness.confirming import Court, Ruling
from policy_engine.review.witness.realising import Bearer, Call, Holds, Realiser

__all__ = ["Bearer", "Call", "Concrete", "Court", "Holds", "Realiser", "Ruling", "concretize"]
