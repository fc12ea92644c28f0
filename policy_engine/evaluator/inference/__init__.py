"""Which type each part of a policy has, so that what is wrong with it can be placed and explained."""

from policy_engine.evaluator.inference.calls import CONSTRUCTORS
from policy_engine.evaluator.inference.faults import Fault, FaultKind
from policy_engine.evaluator.inference.head import clauses, condition_of
from policy_engine.evaluator.inference.inference import Inferred, admits, admitted, infer
from policy_engine.evaluator.inference.sentences import kind_of
from policy_engine.evaluator.inference.types import (
    BOOL,
    LONG,
    STRING,
    CedarType,
    Constant,
    EntityOf,
    Plain,
    RecordOf,
    SetOf,
    as_authors_say,
    is_identifier,
    quoted,
)
from policy_engine.evaluator.inference.vocabulary import ActionType, EntityType, Environment, Vocabulary
from policy_engine.evaluator.inference.walk import entity_literals, nodes

__all__ = [
    "BOOL",
    "CONSTRUCTORS",
    "LONG",
    "STRING",
    "ActionType",
    "CedarType",
    "Constant",
    "EntityOf",
    "EntityType",
    "Environment",
    "Fault",
    "FaultKind",
    "Inferred",
    "Plain",
    "RecordOf",
    "SetOf",
    "Vocabulary",
    "admits",
    "admitted",
    "as_authors_say",
    "clauses",
    "condition_of",
    "entity_literals",
    "infer",
    "is_identifier",
    "kind_of",
    "nodes",
    "quoted",
]
