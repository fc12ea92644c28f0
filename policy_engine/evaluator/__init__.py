"""Stage 4: `AuthorizationRequest` → `Verdict`."""

from policy_engine.evaluator.annotations import ANNOTATIONS, Annotation
from policy_engine.evaluator.deciding import Evaluator, Known, Limits, Verdict
from policy_engine.evaluator.deployment import Deployment, IssuerFacts, ServerFacts, ToolFacts
from policy_engine.evaluator.entities import EntityFinder, principal_entity
from policy_engine.evaluator.explanation import (
    Choice,
    Explanation,
    Finding,
    Need,
    PolicyExplanation,
    Reading,
    Remark,
    RequestExplanation,
    Style,
    caller_view,
    explain_request,
    explanation_line,
    explanation_lines,
    explanation_reasons,
    explanation_record,
    flatten,
    quoted,
)
from policy_engine.evaluator.loader import (
    CheckedPolicy,
    Examined,
    PolicyChecker,
    examine_policies,
    load_policies,
)
from policy_engine.evaluator.names import KnownNames
from policy_engine.evaluator.policy_source import PolicySource, expand
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning, StoredPolicy
from policy_engine.evaluator.reloading import Workplace, load_policies_apart, release_slowly
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.visibility import Visibility
from policy_engine.evaluator.warnings import WARNINGS, Check

__all__ = [
    "ANNOTATIONS",
    "WARNINGS",
    "Annotation",
    "Check",
    "CheckedPolicy",
    "Choice",
    "Deployment",
    "EntityFinder",
    "Evaluator",
    "Examined",
    "Explanation",
    "Finding",
    "IssuerFacts",
    "Known",
    "KnownNames",
    "Limits",
    "Need",
    "PolicyChecker",
    "PolicyExplanation",
    "PolicySource",
    "PolicyStore",
    "PolicyWarning",
    "Reading",
    "Remark",
    "RequestExplanation",
    "ServerFacts",
    "StaticEntities",
    "StoredPolicy",
    "Style",
    "ToolFacts",
    "Verdict",
    "Visibility",
    "Workplace",
    "caller_view",
    "examine_policies",
    "expand",
    "explain_request",
    "explanation_line",
    "explanation_lines",
    "explanation_reasons",
    "explanation_record",
    "flatten",
    "load_policies",
    "load_policies_apart",
    "principal_entity",
    "quoted",
    "release_slowly",
]
