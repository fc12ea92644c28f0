"""The three-valued fold: what a policy, or a part of one, comes to where not everything is known."""

from policy_engine.cedar.fold.entities import NOTHING_KNOWN, Facts, Fields, KnownEntities
from policy_engine.cedar.fold.expressions import fold_expression
from policy_engine.cedar.fold.extensions import FUNCTIONS
from policy_engine.cedar.fold.policies import Outcome, fold_clause, fold_condition, fold_policy
from policy_engine.cedar.fold.reading import read_record, read_value
from policy_engine.cedar.fold.request import PartialRequest
from policy_engine.cedar.fold.result import Folded
from policy_engine.cedar.fold.shapes import ANYTHING, PartialRecord, Shape, Unknown, record
from policy_engine.cedar.fold.show import show
from policy_engine.cedar.fold.values import (
    Bool,
    CedarValue,
    Datetime,
    Decimal,
    Duration,
    Entity,
    IpAddress,
    Kind,
    Long,
    Record,
    SetOf,
    String,
)

__all__ = [
    "ANYTHING",
    "FUNCTIONS",
    "NOTHING_KNOWN",
    "Bool",
    "CedarValue",
    "Datetime",
    "Decimal",
    "Duration",
    "Entity",
    "Facts",
    "Fields",
    "Folded",
    "IpAddress",
    "Kind",
    "KnownEntities",
    "Long",
    "Outcome",
    "PartialRecord",
    "PartialRequest",
    "Record",
    "SetOf",
    "Shape",
    "String",
    "Unknown",
    "fold_clause",
    "fold_condition",
    "fold_expression",
    "fold_policy",
    "read_record",
    "read_value",
    "record",
    "show",
]
