"""The Cedar language; knows nothing of MCP, and is the only package that imports cedarpy."""

from policy_engine.cedar.authorizer import Answer, Authorizer, CedarRequest
from policy_engine.cedar.entities import EntityHandle
from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.guard import unless_context_has
from policy_engine.cedar.literals import literals, references, uid_of
from policy_engine.cedar.policies import Effect, Policy, parse_each, parse_policies
from policy_engine.cedar.schema import Finding, Schema, SchemaSource, render, validate

__all__ = [
    "Answer",
    "Authorizer",
    "CedarError",
    "CedarRequest",
    "Effect",
    "EntityHandle",
    "Finding",
    "Policy",
    "Schema",
    "SchemaSource",
    "literals",
    "parse_each",
    "parse_policies",
    "references",
    "render",
    "uid_of",
    "unless_context_has",
    "validate",
]
