"""Who can do what: every caller against all that can be asked for, by the fold and without a solver."""

from policy_engine.review.access.access import access
from policy_engine.review.access.values import (
    Access,
    Applied,
    Cell,
    Column,
    ColumnKind,
    PolicyText,
    Reach,
    Row,
    RowKind,
)
from policy_engine.review.access.weighing import written_parts

__all__ = [
    "Access",
    "Applied",
    "Cell",
    "Column",
    "ColumnKind",
    "PolicyText",
    "Reach",
    "Row",
    "RowKind",
    "access",
    "written_parts",
]
