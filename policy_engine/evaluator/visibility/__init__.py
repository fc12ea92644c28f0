"""What of a server somebody can never use: proofs, by the fold, over all requests that there could be."""

from policy_engine.evaluator.visibility.sight import Sight
from policy_engine.evaluator.visibility.visibility import Visibility

__all__ = ["Sight", "Visibility"]
