"""Stage 4: `AuthorizationRequest` → `Verdict`."""

from policy_engine.evaluator.annotations import ANNOTATIONS, Annotation
from policy_engine.evaluator.entities import EntityFinder, principal_entity
from policy_engine.evaluator.evaluator import Evaluator, Verdict
from policy_engine.evaluator.loader import load_policies
from policy_engine.evaluator.names import KnownNames
from policy_engine.evaluator.policy_source import PolicySource, expand
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning, StoredPolicy
from policy_engine.evaluator.static_entities import StaticEntities

__all__ = [
    "ANNOTATIONS",
    "Annotation",
    "EntityFinder",
    "Evaluator",
    "KnownNames",
    "PolicySource",
    "PolicyStore",
    "PolicyWarning",
    "StaticEntities",
    "StoredPolicy",
    "Verdict",
    "expand",
    "load_policies",
    "principal_entity",
]
