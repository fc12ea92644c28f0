"""Frozen values that every stage shares; imports nothing of ours but errors."""

from policy_engine.model.attributes import (
    AttributeType,
    AttributeValue,
    DeclaredAttributes,
    TypedAttributes,
)
from policy_engine.model.codes import ALLOWED, CODES, Code
from policy_engine.model.decision import Decision, PolicyFault, PolicyMatch, ShadowMatch
from policy_engine.model.details import DETAILS, Detail
from policy_engine.model.observer import UNOBSERVED, Observer, Unobserved
from policy_engine.model.possibility import Possibility
from policy_engine.model.principal import Client, Identity, Principal, Tags, User
from policy_engine.model.request import AuthorizationRequest, CedarJson, HttpFacts, Surroundings
from policy_engine.model.token import TokenFacts, VerifiedToken
from policy_engine.model.uid import EntityUid

__all__ = [
    "ALLOWED",
    "CODES",
    "DETAILS",
    "UNOBSERVED",
    "AttributeType",
    "AttributeValue",
    "AuthorizationRequest",
    "CedarJson",
    "Client",
    "Code",
    "Decision",
    "DeclaredAttributes",
    "Detail",
    "EntityUid",
    "HttpFacts",
    "Identity",
    "Observer",
    "PolicyFault",
    "PolicyMatch",
    "Possibility",
    "Principal",
    "ShadowMatch",
    "Surroundings",
    "Tags",
    "TokenFacts",
    "TypedAttributes",
    "Unobserved",
    "User",
    "VerifiedToken",
]
