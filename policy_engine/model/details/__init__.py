"""What refines each code: one row for every detail that a decision can carry."""

from policy_engine.model.details.detail import Detail, Details
from policy_engine.model.details.table import DETAILS

__all__ = ["DETAILS", "Detail", "Details"]
