"""Stage 4: `AuthorizationRequest` → `Verdict`."""

from policy_engine.evaluator.annotations import ANNOTATIONS, Annotation
from policy_engine.evaluator.deciding import Evaluator, Known, Limits, Verdict
from policy_engine.evaluator.deployment import Deployment, IssuerFacts, ServerFacts, ToolFacts
from policy_engine.evaluator.entities import EntityFinder, EntitySources, principal_entity
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
from policy_engine.evaluator.grouping import Grouping
from policy_engine.evaluator.inference import (
    CedarType,
    Constant,
    EntityOf,
    Plain,
    RecordOf,
    SetOf,
    Vocabulary,
    entity_literals,
    nodes,
)
from policy_engine.evaluator.loader import (
    CheckedPolicy,
    Examined,
    PolicyChecker,
    examine_policies,
    load_policies,
)
from policy_engine.evaluator.names import KnownNames
from policy_engine.evaluator.nearest import closest, listed
from policy_engine.evaluator.places import text_of, written_tree
from policy_engine.evaluator.policy_source import PolicySource, expand, policy_files
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning, StoredPolicy
from policy_engine.evaluator.reloading import Workplace, load_policies_apart, release_slowly
from policy_engine.evaluator.shadow import Shadows
from policy_engine.evaluator.static_entities import StaticEntities
from policy_engine.evaluator.visibility import Visibility
from policy_engine.evaluator.warnings import (
    WARNINGS,
    Check,
    Suppression,
    Survey,
    find_warnings,
    read_suppression,
    suppressions_of,
)
from policy_engine.evaluator.warnings import Subject as SurveyedPolicy

__all__ = [
    "ANNOTATIONS",
    "WARNINGS",
    "Annotation",
    "CedarType",
    "Check",
    "CheckedPolicy",
    "Choice",
    "Constant",
    "Deployment",
    "EntityFinder",
    "EntityOf",
    "EntitySources",
    "Evaluator",
    "Examined",
    "Explanation",
    "Finding",
    "Grouping",
    "IssuerFacts",
    "Known",
    "KnownNames",
    "Limits",
    "Need",
    "Plain",
    "PolicyChecker",
    "PolicyExplanation",
    "PolicySource",
    "PolicyStore",
    "PolicyWarning",
    "Reading",
    "RecordOf",
    "Remark",
    "RequestExplanation",
    "ServerFacts",
    "SetOf",
    "Shadows",
    "StaticEntities",
    "StoredPolicy",
    "Style",
    "Suppression",
    "Survey",
    "SurveyedPolicy",
    "ToolFacts",
    "Verdict",
    "Visibility",
    "Vocabulary",
    "Workplace",
    "caller_view",
    "closest",
    "entity_literals",
    "examine_policies",
    "expand",
    "explain_request",
    "explanation_line",
    "explanation_lines",
    "explanation_reasons",
    "explanation_record",
    "find_warnings",
    "flatten",
    "listed",
    "load_policies",
    "load_policies_apart",
    "nodes",
    "policy_files",
    "principal_entity",
    "quoted",
    "read_suppression",
    "release_slowly",
    "suppressions_of",
    "text_of",
    "written_tree",
]
